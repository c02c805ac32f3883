/** Where the policy is: commands can change it only in the database, and a file only with an editor on the server. */
import type {ControlApi} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {skipped, warning} from '../result.ts'
import type {Verdict} from '../result.ts'
import type {ServerConfig} from '../server-config.ts'

type Mode = 'database' | 'file'

export async function checkPolicyMode(api: ControlApi, config: ServerConfig | null): Promise<Verdict> {
  const written = config === null ? null : config.settings.text('policy.mode', 'file')
  const mode: Mode | null = written === 'database' || written === 'file' ? written : null
  const path = config?.settings.text('policy.path') ?? ''
  let live: Mode | 'none'
  try {
    live = (await api.policy.get()).updatedAt === null ? 'file' : 'database'
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    if (cause.code === 'unsupported-by-server') return skipped('this release reads its policy from a file alone')
    if (cause.code !== 'not-found' && mode !== 'file') throw cause
    live = 'none'
  }
  if (live === 'none') {
    if (mode === 'file') return {seen: path === '' ? 'file mode without a file: everything is allowed' : fileSeen(path)}
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

function fileSeen(path: string): string {
  return `file mode: edit ${path === '' ? 'policy.path' : path} and reload headscale; policy set is refused`
}

function placeOf(mode: Mode): string {
  return mode === 'file' ? 'a file' : 'the database'
}
