/**
 * The socket file: made only where nobody listens, taken away at the end.
 *
 * A file left behind by a process that died is replaced; anything that is no socket, or has a listener, is not touched.
 */
import {lstatSync, rmSync} from 'node:fs'
import {connect} from 'node:net'
import {HeadscaleError} from '../../errors.ts'

/** Makes the path free for a new socket. */
export async function claimSocket(path: string): Promise<void> {
  const found = lstatSync(path, {throwIfNoEntry: false})
  if (!found) return
  if (!found.isSocket()) {
    throw new HeadscaleError('failed', `${path} exists and is no socket`, {hint: 'give another path with --socket'})
  }
  if (await answers(path)) {
    throw new HeadscaleError('failed', `a server listens on ${path} already`, {
      hint: 'stop it, or give another path with --socket',
    })
  }
  rmSync(path)
}

/** Takes the socket file away; that it is gone already is fine. */
export function releaseSocket(path: string): void {
  rmSync(path, {force: true})
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => settle(true))
    // anything but "refused" (no permission, say) means that the file may be in use
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code !== 'ECONNREFUSED'))
  })
}
