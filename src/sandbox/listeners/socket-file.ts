/**
 * The socket file: made only where nobody listens, taken away at the end.
 *
 * A file left behind by a process that died is replaced; anything that is no socket, or has a listener, is not touched.
 */
import {existsSync, lstatSync, rmSync} from 'node:fs'
import {connect, type Server} from 'node:net'
import {dirname} from 'node:path'
import {HeadscaleError} from '../../errors.ts'

export interface Listener {
  close(): Promise<void>
}

/**
 * Makes a server listen on a socket file of mode 0700.
 * @returns what ends it and takes the file away
 */
export async function bindSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await claimSocket(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(socketError(path, error)))
    // the file is made by bind, inside this call: there is no moment at which others could open it
    const umask = process.umask(0o077)
    server.listen(path, resolve)
    process.umask(umask)
  })
  return async () => {
    await new Promise((resolve) => server.close(resolve))
    rmSync(path, {force: true})
  }
}

/** Makes the path free for a new socket. */
async function claimSocket(path: string): Promise<void> {
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

/** Why a socket could not be made. libuv reports a missing folder as a lack of permission. */
function socketError(path: string, error: NodeJS.ErrnoException): HeadscaleError {
  const why = !existsSync(dirname(path))
    ? 'its folder does not exist'
    : error.code === 'EINVAL'
      ? 'the path is too long'
      : error.message
  return new HeadscaleError('failed', `cannot make the socket ${path}: ${why}`, {
    hint: 'give another path with --socket',
    cause: error,
  })
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
