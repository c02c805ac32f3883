import {HeadscaleError} from '../../errors.ts'
import type {Io} from '../io/io.ts'

/**
 * Does work that Ctrl-C and SIGTERM end at once, also while it waits for a reply. For work that changes nothing on the
 * server.
 * @param work stops when the signal is aborted
 * @throws HeadscaleError (cancelled)
 */
export async function interruptible<Result>(io: Io, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const {promise: interrupted, reject} = Promise.withResolvers<never>()
  const release = io.onInterrupt(() => {
    controller.abort()
    reject(new HeadscaleError('cancelled', 'interrupted'))
  })
  try {
    return await Promise.race([work(controller.signal), interrupted])
  } finally {
    release()
  }
}

/**
 * Keeps Ctrl-C and SIGTERM from ending the program until `release` is called, for work that must not be left half-done.
 * @param onFirst called at the first one
 */
export function holdInterrupts(io: Io, onFirst: () => void): {interrupted(): boolean; release(): void} {
  let count = 0
  let stop = () => {}
  const listen = () => {
    stop = io.onInterrupt(() => {
      listen()
      if (count++ === 0) onFirst()
    })
  }
  listen()
  return {interrupted: () => count > 0, release: () => stop()}
}
