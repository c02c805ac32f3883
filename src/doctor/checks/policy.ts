/** Where the policy is: commands can change it only in the database, and a file only with an editor on the server. */
import type {ControlApi} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {error, skipped, warning} from '../result.ts'
import type {Verdict} from '../result.ts'
import type {ServerConfig} from '../server-config.ts'

type Mode = 'database' | 'file'

export async function checkPolicyMode(api: ControlApi, config: ServerConfig | null): Promise<Verdict> {
  const written = config === null ? null : config.settings.text('policy.mode', 'file')
  const mode: Mode | null = written === 'database' || written === 'file' ? written : null
  const path = config?.settings.text('policy.path') ?? ''
  if (!api.server.capabilities.policyApi) return skipped('this release reads its policy from a file alone')
  let live: Mode
  try {
    live = (await api.policy.get()).updatedAt === null ? 'file' : 'database'
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    if (cause.details['policyMode'] === 'file') {
      if (cause.code === 'not-found') return {seen: 'file mode without a file: everything is allowed'}
      return unreadable(cause)
    }
    if (cause.code !== 'not-found') throw cause
    return {seen: 'database mode, none stored: everything is allowed'}
  }
  if (mode !== null && mode !== live) {
    return {
      seen: `${live} mode, the config file says ${mode}`,
      problems: [
        warning('policy-mode', [
          `The running server has its policy in ${placeOf(live)}, and ${config!.path} says policy.mode: ${mode}`,
          'The change takes effect at the next start of headscale, with another policy than now',
          `Compare both (headscale-ts policy get), then restart: systemctl restart headscale`,
        ]),
      ],
    }
  }
  return {seen: live === 'database' ? 'database mode: policy set changes it' : fileSeen(path)}
}

function unreadable({message}: HeadscaleError): Verdict {
  return {
    seen: 'file mode, and headscale cannot read the file',
    problems: [
      error('policy-unreadable', [
        `headscale cannot read its policy: ${message}`,
        'It keeps the policy that it read earlier, and does not start with this one',
        'Check policy.path, and that the user of headscale may read the file',
      ]),
    ],
  }
}

function fileSeen(path: string): string {
  return `file mode: edit ${path === '' ? 'policy.path' : path} and reload headscale; policy set is refused`
}

function placeOf(mode: Mode): string {
  return mode === 'file' ? 'a file' : 'the database'
}
