/** What `doctor` uses of its process, so that tests can run it with another clock and other files. */
import type {Trace} from '../api/transport/trace.ts'
import type {ConfigHost} from '../config/target.ts'

export interface DoctorHost extends ConfigHost {
  now(): Date
  /** Ends every probe. */
  signal: AbortSignal
  trace?: Trace | undefined
  /** Called with the titles of the checks that are going on. */
  onProgress(open: readonly string[]): void
}
