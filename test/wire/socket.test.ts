/** Connecting to a unix socket: waiting for a server that starts, and the reason when the socket cannot be opened. */
import {spawnSync} from 'node:child_process'
import {chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {userInfo} from 'node:os'
import {dirname, join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {dialSocket} from '../../src/api/transport/os-errors.ts'
import {HeadscaleError} from '../../src/errors.ts'
import {listenOnSocket, temporaryFolder} from './support/servers.ts'

/** The error in one line, and how long it took. */
async function connectFailure(path: string, timeoutMs = 100): Promise<{said: string; ms: number}> {
  const start = performance.now()
  try {
    const socket = await dialSocket(path, timeoutMs)
    socket.destroy()
    return {said: 'connected', ms: performance.now() - start}
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    return {said: `${error.code}: ${error.message} | ${error.hint}`, ms: performance.now() - start}
  }
}

/** A socket without a server: made by a process that was killed. */
function staleSocket(): string {
  const path = join(temporaryFolder(), 'stale.sock')
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', program])
  return path
}

const RUNNING = 'check that headscale is running: systemctl status headscale'
const OTHER = "pass headscale's socket with --socket; it is unix_socket in the server's config.yaml"

describe('a server that is just starting', () => {
  test('is waited for while its socket is missing', async () => {
    const path = join(temporaryFolder(), 'late.sock')
    const dialled = dialSocket(path, 30_000)
    setTimeout(() => void listenOnLater(path), 1500)
    ;(await dialled).destroy()
  })

  test('is waited for while the socket of the last server is still there', async () => {
    const path = staleSocket()
    expect(existsSync(path)).toBe(true)
    const dialled = dialSocket(path, 30_000)
    setTimeout(() => {
      rmSync(path)
      void listenOnLater(path)
    }, 300)
    ;(await dialled).destroy()
  })

  test('is not waited for longer than the timeout', async () => {
    const {ms} = await connectFailure(join(temporaryFolder(), 'none.sock'), 300)
    expect(ms).toBeGreaterThan(200)
    expect(ms).toBeLessThan(600)
  })

  test('is not waited for longer than three seconds', async () => {
    const {ms} = await connectFailure(join(temporaryFolder(), 'none.sock'), 30_000)
    expect(ms).toBeGreaterThan(2500)
    expect(ms).toBeLessThan(4500)
  })

  function listenOnLater(path: string): void {
    const server = createServer((socket) => socket.on('error', () => {})).listen(path)
    server.unref()
  }
})

describe('a socket that cannot be opened', () => {
  test('when it is missing', async () => {
    const path = join(temporaryFolder(), 'none.sock')
    expect((await connectFailure(path)).said).toBe(
      `unreachable: socket ${path} not found | ${RUNNING}; or pass another path with --socket`,
    )
  })

  test('when its directory is missing, which fails at once', async () => {
    const path = join(temporaryFolder(), 'none', 'headscale.sock')
    const {said, ms} = await connectFailure(path, 30_000)
    expect(said).toBe(
      `unreachable: socket ${path} not found: the directory ${dirname(path)} does not exist | ${RUNNING}; or pass another path with --socket`,
    )
    expect(ms).toBeLessThan(500)
  })

  test('when it is a dangling link', async () => {
    const path = join(temporaryFolder(), 'link.sock')
    symlinkSync('/nowhere/headscale.sock', path)
    expect((await connectFailure(path)).said).toBe(
      `unreachable: socket ${path} not found: it is a link to /nowhere/headscale.sock, which does not exist | ${RUNNING}; or pass another path with --socket`,
    )
  })

  test('when no server listens on it', async () => {
    const path = staleSocket()
    expect((await connectFailure(path)).said).toBe(
      `unreachable: connection refused: the socket ${path} is left over from a server that has stopped | ${RUNNING}`,
    )
  })

  test('when it is a regular file or a directory, which fails at once', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'config.yaml')
    writeFileSync(file, 'unix_socket: x\n')
    const {said, ms} = await connectFailure(file, 30_000)
    expect(said).toBe(`unreachable: ${file} is a regular file, not a socket | ${OTHER}`)
    expect(ms).toBeLessThan(500)
    expect((await connectFailure(folder, 30_000)).said).toBe(
      `unreachable: ${folder} is a directory, not a socket | ${OTHER}`,
    )
  })

  test('when its path goes through a file', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect((await connectFailure(join(file, 'headscale.sock'), 30_000)).said).toMatch(
      /^unreachable: socket .* not found/,
    )
  })

  test('when its path is too long for the system', async () => {
    const path = `/tmp/${'x'.repeat(120)}`
    expect((await connectFailure(path)).said).toMatch(
      /^usage: invalid socket path: it is 125 bytes long, the maximum is 10[37]: \/tmp\/x+ \| /,
    )
  })
})

describe.runIf(userInfo().uid === 0)('a socket that is forbidden to an ordinary user', () => {
  const SOURCE = join(import.meta.dirname, '../../src/api/transport/os-errors.ts')

  /** What connecting says to the user nobody; in a process of its own, since one does not become root again. */
  function asNobody(path: string): string {
    const program = `
      const {dialSocket} = await import(${JSON.stringify(SOURCE)})
      await dialSocket(${JSON.stringify(path)}, 5000).then(() => console.log('connected'), (e) => console.log(e.code + ': ' + e.message + ' | ' + e.hint))
      process.exit()`
    const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
    })
    return stdout.trim() || stderr
  }

  /** A socket that belongs to root and the group daemon, as headscale's belongs to root and headscale. */
  async function socketOf({mode, folderMode}: {mode: number; folderMode: number}): Promise<string> {
    const folder = join(temporaryFolder(), 'run')
    chmodSync(dirname(folder), 0o755)
    mkdirSync(folder)
    const path = await listenOnSocket(
      createServer((socket) => void socket.on('error', () => {})),
      join(folder, 'hs.sock'),
    )
    for (const [file, bits] of [
      [path, mode],
      [folder, folderMode],
    ] as const) {
      chownSync(file, 0, 1)
      chmodSync(file, bits)
    }
    onTestFinished(() => chmodSync(folder, 0o755))
    expect(statSync(path).isSocket()).toBe(true)
    return path
  }

  test('by its own mode', async () => {
    const path = await socketOf({mode: 0o770, folderMode: 0o755})
    expect(asNobody(path)).toBe(
      `permission-denied: no permission to open the socket ${path}: it belongs to root:daemon, mode 0770 | ` +
        'run as root, or join the group daemon: sudo usermod -aG daemon nobody (then log in again)',
    )
  })

  test('by a mode that allows only its owner', async () => {
    const path = await socketOf({mode: 0o700, folderMode: 0o755})
    expect(asNobody(path)).toBe(
      `permission-denied: no permission to open the socket ${path}: it belongs to root:daemon, mode 0700 | run as root`,
    )
  })

  test('by the mode of its directory', async () => {
    const path = await socketOf({mode: 0o777, folderMode: 0o750})
    expect(asNobody(path)).toBe(
      `permission-denied: no permission to open the socket ${path}: the directory ${dirname(path)} belongs to root:daemon, mode 0750 | ` +
        'run as root, or join the group daemon: sudo usermod -aG daemon nobody (then log in again)',
    )
  })

  test('not with mode 0777', async () => {
    expect(asNobody(await socketOf({mode: 0o777, folderMode: 0o755}))).toBe('connected')
  })
})
