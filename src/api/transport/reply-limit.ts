/**
 * The maximum size of a reply, over gRPC and REST. Without a limit a server could fill the memory of this machine.
 * 100,000 nodes need about 50 MB over gRPC and 90 MB over REST.
 */
import type {HeadscaleError} from '../../errors.ts'
import {IndeterminateError} from './indeterminate-error.ts'

/** Bytes of one reply. */
export const LARGEST_REPLY = 256 * 1024 * 1024

export function replyTooLarge(describe: string, cause?: unknown): HeadscaleError {
  const limit = `${LARGEST_REPLY / 1024 / 1024} MiB`
  return new IndeterminateError('bad-reply', `the reply of ${describe} is larger than ${limit}`, {
    hint: 'list one user at a time (--user)',
    cause,
  })
}
