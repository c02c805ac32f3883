/**
 * The socket file: created only where nobody listens, and removed at the end.
 *
 * A socket file left by a process that has ended is replaced; anything that is not a socket, or has a listener, is left
 * alone. At the end only the socket created here is removed, identified by its device and inode, never a file that
 * replaced it.
 */
import {randomBytes} from 'node:crypto'
import {existsSync, linkSync, lstatSync, unlinkSync, type BigIntStats} from 'node:fs'
import {connect, type Server} from 'node:net'
import {dirname, join} from 'node:path'
import {HeadscaleError} from '../../errors.ts'

export interface Listener {
  close(): Promise<void>
}

/**
 * Makes a server listen on a socket file of mode 0700.
 *
 * The socket is bound under a random name beside the path and then linked to it: a link never replaces a file, and
 * libuv deletes the file at the path it was given when the server closes, which must not be the path of the user.
 * @returns a function that closes the server and removes the file
 */
export async function bindSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await removeStaleSocket(path)
  const draft = join(dirname(path), `.${randomBytes(4).toString('hex')}`)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(socketError(path, error)))
    // bind creates the file inside this call, so others cannot open it before its mode is set
    const umask = process.umask(0o077)
    server.listen(draft, resolve)
    process.umask(umask)
  })
  const made = identify(draft)
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  try {
    linkSync(draft, path)
  } catch (error) {
    await close()
    throw socketError(path, error as NodeJS.ErrnoException)
  } finally {
    if (isSame(made, identify(draft))) unlinkSync(draft)
  }
  return async () => {
    // before the server closes: the inode cannot be given to another file while the socket is open
    if (isSame(made, identify(path))) unlinkSync(path)
    await close()
  }
}

function identify(path: string): BigIntStats | null {
  return lstatSync(path, {bigint: true, throwIfNoEntry: false}) ?? null
}

function isSame(made: BigIntStats | null, found: BigIntStats | null): boolean {
  return made !== null && found !== null && found.isSocket() && found.ino === made.ino && found.dev === made.dev
}

/** Makes the path free for a new socket. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = identify(path)
  if (!found) return
  if (!found.isSocket()) {
    throw new HeadscaleError('failed', `${path} exists and is not a socket`, {
      hint: 'specify another path with --socket',
    })
  }
  if (await isAnswered(path)) {
    throw new HeadscaleError('failed', `another server is already listening on ${path}`, {
      hint: 'stop it, or specify another path with --socket',
    })
  }
  if (isSame(found, identify(path))) unlinkSync(path)
}

/** Why a socket could not be created. libuv reports a missing folder as a lack of permission. */
function socketError(path: string, error: NodeJS.ErrnoException): HeadscaleError {
  const why = !existsSync(dirname(path))
    ? 'its folder does not exist'
    : error.code === 'EINVAL'
      ? 'the path is too long'
      : error.code === 'EEXIST'
        ? 'another file has just been created there'
        : error.message
  return new HeadscaleError('failed', `cannot create the socket ${path}: ${why}`, {
    hint: 'specify another path with --socket',
    cause: error,
  })
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => settle(true))
    // any error but "refused" (no permission, say) means that the file may be in use
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code !== 'ECONNREFUSED'))
  })
}
