/** The policy: where it is, whether its text can be read, and from 0.23 on what `policy check` reports. */
import {checkPolicy as checkPolicyText} from '../../policy/check/check-policy.ts'
import {policyRelease} from '../../policy/releases.ts'
import {parseHuJsonTree} from '../../syntax/json.ts'
import {SyntaxProblem} from '../../syntax/tree.ts'
import type {Context} from './context.ts'

const STOPS = 'headscale does not start'

export function checkPolicy(context: Context): void {
  const {settings, rules} = context
  const key = rules.policyMode ? 'policy.path' : 'acl_policy_path'
  const path = settings.text(key)
  if (rules.policyMode) {
    const mode = settings.text('policy.mode', 'file')
    if (mode !== 'file' && mode !== 'database') {
      const reason =
        rules.unknownPolicyMode === 'fatal'
          ? STOPS
          : 'headscale uses no policy, so that all nodes can connect to each other'
      context.error('policy-mode', 'policy.mode', [`policy.mode is '${mode}'`, reason, 'Write file or database'])
      return
    }
    if (mode === 'database') {
      if (path === '') return
      context.warning('policy-path', key, [
        'policy.path is set, and policy.mode is database',
        'headscale does not read the file',
        'Delete policy.path, or write policy.mode: file',
      ])
      return
    }
  }
  if (path === '' || /\$|\{\{/.test(path)) return
  if (context.misses(path)) {
    context.error('missing-file', key, [
      `${key}: no such file ${path}`,
      STOPS,
      'Write the policy to this file, or delete the key',
    ])
    return
  }
  checkText(context, key, path)
}

function checkText(context: Context, key: string, text: string): void {
  const path = context.path(text)
  const info = path === null ? null : context.files.info(path)
  if (path === null || info === null) return
  if (info.kind === 'folder')
    return context.error('policy-file', key, [`${key} ${text} is a folder`, STOPS, 'Name the file'])
  const content = context.files.read(path)
  // An empty policy is none. Up to 0.22, a policy can be YAML, by the name of its file.
  if (content === null || content.trim() === '') return
  if (context.rules.policyMode) {
    context.add(checkPolicyText(content, text, policyRelease(context.rules.release)).findings)
    return
  }
  if (/\.ya?ml$/i.test(path)) return
  try {
    parseHuJsonTree(content, text)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    context.error(
      'policy-file',
      key,
      [`The policy is not HuJSON: ${error.reason}`, STOPS, 'Fix the policy at this position'],
      error.place,
    )
  }
}
