/** Options for commands that change the routes of a node: one process at a time on this machine, within `--timeout`. */
import type {ControlApi} from '../../api/control-api.ts'
import {withFileLock} from '../../system/file-lock.ts'
import type {UpdateOptions} from '../../usecases/routes/update-routes.ts'
import type {Io} from '../io/io.ts'

export function updateOptions({server: {timeoutMs}}: ControlApi, {env, home, note}: Io): UpdateOptions {
  return {
    timeoutMs,
    note,
    lock: (name, work) => withFileLock(name, {waitMs: timeoutMs, host: {env, home}}, work),
  }
}
