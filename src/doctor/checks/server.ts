/** The server as commands reach it: whether it answers, its release, its database. */
import type {ControlApi} from '../../api/control-api.ts'
import type {ServerTarget} from '../../config/target.ts'
import {HeadscaleError} from '../../errors.ts'
import {failed, sentence} from '../check-run.ts'
import {error, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'
import type {Connections} from '../server.ts'

export interface ServerVerdict extends Verdict {
  /** Null if the server does not answer. */
  api: ControlApi | null
  /** The error of a call with the API key; null if it is accepted. */
  rejected: HeadscaleError | null
}

/** @param answers whether the address answers what clients ask, so that only the API does not */
export async function checkServer(
  target: ServerTarget,
  connections: Connections,
  answers = false,
): Promise<ServerVerdict> {
  let connection
  try {
    connection = await connections.open(target)
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    return {...noServer(cause, answers), api: null, rejected: null}
  }
  const {api, warnings} = connection
  const {releases, version, via} = api.server
  const problems: Problem[] = warnings.map((text) =>
    warning('unknown-release', [
      sentence(text),
      'Replies can contain what this program does not read',
      'Update headscale-ts',
    ]),
  )
  const seen = `headscale ${version ?? releases} (${via})`
  try {
    if (await api.health()) return {seen, problems, api, rejected: null}
    problems.push(
      error('database', [
        'headscale answers, but not its database',
        'Nothing can be read or changed, and clients cannot log in',
        'Check the log of headscale (journalctl -u headscale), the disk and the owner of the database file',
      ]),
    )
    return {seen, problems, api, rejected: null}
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    // checks/api-key.ts finds the reason.
    if (cause.code === 'unauthenticated') return {seen, problems, api, rejected: cause}
    return {...failed(cause, {as: 'api', reason: 'No command works'}), api: null, rejected: null}
  }
}

function noServer(cause: HeadscaleError, answers: boolean): Verdict {
  const reason = 'No command works'
  if (!answers) return failed(cause, {as: 'no-server', reason})
  return {
    seen: cause.message,
    problems: [
      error('api-blocked', [
        `The address answers clients, and not commands: ${cause.message}`,
        reason,
        'Let the proxy pass /api/ and /swagger/ through to headscale without a login, or use the socket on the server',
      ]),
    ],
  }
}
