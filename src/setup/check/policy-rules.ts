/** The policy: where it is, and what `policy check` reports about it. */
import {checkPolicy as checkPolicyText} from '../../policy/check/check-policy.ts'
import {policyRelease} from '../../policy/releases.ts'
import {parseYamlPolicy} from '../../policy/read/yaml.ts'
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
  // From 0.23 on an empty policy is none.
  if (content === null || (context.rules.policyMode && content.trim() === '')) return
  context.add(checkPolicyText(content, text, policyRelease(context.rules.release), null, parseYamlPolicy).findings)
}
