/** Options for commands that change the routes of a node: one process at a time on this machine, within `--timeout`. */
import type {ControlApi} from '../../api/control-api.ts'
import {withFileLock} from '../../system/file-lock.ts'
import type {UpdateOptions} from '../../usecases/routes/update-routes.ts'
import type {Io} from '../io/io.ts'

export function updateOptions({server: {timeoutMs}}: ControlApi, {env, home, note, waitFor}: Io): UpdateOptions {
  return {
    timeoutMs,
    note,
    lock(name, work) {
      const endWait = waitFor('another command that changes the routes of this node')
      return withFileLock(name, {waitMs: timeoutMs, host: {env, home}}, () => {
        endWait()
        return work()
      })
    },
  }
}
