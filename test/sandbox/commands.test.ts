/** `sandbox run` and `sandbox start` as users see them: environment, exit status, signals, files left at the end. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {MATRIX, PROGRAMS} from '../support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'sandbox-commands-'))
afterAll(() => rmSync(folder, {recursive: true}))

/** The executable, which starts faster; `npm run test:matrix` takes the npm program. */
const PROGRAM = PROGRAMS[MATRIX ? 'npm program' : 'executable']

interface Running {
  pid: number
  /** Resolves with the whole output as soon as it contains the text. */
  says(text: string): Promise<string>
  signal(name: NodeJS.Signals): void
  ended: Promise<{status: number | null; stdout: string; stderr: string}>
}

/** The program in its own process, with its own folder for temporary files. */
function start(args: string[], env: Record<string, string> = {}): Running {
  const [file, ...first] = PROGRAM
  const child = spawn(file, [...first, ...args], {
    env: {PATH: process.env.PATH, TMPDIR: folder, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data) => (stdout += data))
  child.stderr.on('data', (data) => (stderr += data))
  const ended = once(child, 'close').then(([status]) => ({status: status as number | null, stdout, stderr}))
  return {
    pid: child.pid!,
    async says(text) {
      while (!(stderr + stdout).includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended without saying ${text}: ${stderr}`)
        await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data'), ended])
      }
      return stderr + stdout
    },
    signal: (name) => void child.kill(name),
    ended,
  }
}

const run = (args: string[], env?: Record<string, string>) => start(['sandbox', 'run', ...args], env).ended

const NOTICE = 'sandbox: simulating headscale 0.15 in memory for this command\n'

describe('sandbox run', () => {
  test('gives the command a socket and a config file, and removes other HEADSCALE_ variables', async () => {
    const outer = {HEADSCALE_CLI_ADDRESS: 'https://real.example.com', HEADSCALE_CLI_API_KEY: 'secret', OTHER: 'kept'}
    const {status, stdout, stderr} = await run(['--', 'env'], outer)
    const env = Object.fromEntries(stdout.split('\n').map((line) => line.split('=') as [string, string]))
    const own = Object.keys(env).filter((name) => name.startsWith('HEADSCALE_'))
    expect([status, stderr, own.sort(), env.OTHER]).toEqual([
      0,
      NOTICE,
      ['HEADSCALE_CONFIG', 'HEADSCALE_UNIX_SOCKET'],
      'kept',
    ])
    expect(env.HEADSCALE_UNIX_SOCKET).toMatch(/headscale\.sock$/)
  })

  test('the config file names the socket and is readable by its owner only', async () => {
    const {stdout} = await run([
      '--',
      'sh',
      '-c',
      'cat "$HEADSCALE_CONFIG"; stat -c %a "$HEADSCALE_CONFIG"; stat -c %a "$HEADSCALE_UNIX_SOCKET"',
    ])
    expect(stdout).toMatch(/^unix_socket: ".*\/headscale\.sock"$/m)
    expect(stdout).toMatch(/\n600\n700\n$/)
  })

  test('with --rest gives an address and a key that works', async () => {
    const script =
      'fetch(process.env.HEADSCALE_CLI_ADDRESS + "/api/v1/user", {headers: {authorization: "Bearer " + process.env.HEADSCALE_CLI_API_KEY}})' +
      '.then((reply) => reply.text()).then((text) => console.log(text, process.env.HEADSCALE_UNIX_SOCKET))'
    const {stdout} = await run(['--rest', '--release', '0.29', '--', process.execPath, '-e', script])
    expect(stdout).toBe('{"users":[]} undefined\n')
  })

  test('the command sees the data of the seed', async () => {
    const seed = join(folder, 'seed.yaml')
    writeFileSync(seed, 'users: [{name: alice}]')
    const {stdout} = await run(['--seed', seed, '--', ...PROGRAM, 'namespaces', 'list', '-o', 'json-line'])
    expect(JSON.parse(stdout)).toMatchObject([{id: '1', name: 'alice'}])
  })

  test.each([
    [['sh', '-c', 'exit 3'], 3, ''],
    [['sh', '-c', 'kill -9 $$'], 137, ''],
    [['no-such-command'], 127, 'sandbox: command not found: no-such-command\n'],
    [[tmpdir()], 126, `sandbox: cannot run ${tmpdir()}: permission denied\n`],
  ])('%j ends with %i', async (command, status, more) => {
    expect(await run(['--', ...command])).toEqual({status, stdout: '', stderr: NOTICE + more})
  })

  test.each([
    [
      [],
      'error: no command to run in the sandbox\nhint: put it after --, as in: headscale-ts sandbox run -- ./my-script.sh\n',
    ],
    [
      ['true'],
      'error: unexpected argument "true"\nhint: put -- before the command to run; usage: headscale-ts sandbox run [--release RELEASE] [--rest] [--seed FILE] -- COMMAND [ARGUMENT…]\n',
    ],
    [
      ['--release', '0.31', '--', 'true'],
      'error: the sandbox does not simulate headscale "0.31"\nhint: available releases: 0.15, 0.16, 0.17, 0.18, 0.19, 0.20, 0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.27.0, 0.27, 0.28, 0.29, 0.30\n',
    ],
    [
      ['--seed', '/no/such/seed', '--', 'true'],
      'error: cannot read the seed /no/such/seed: no such file\nhint: specify a YAML or JSON file, or guide\n',
    ],
  ])('rejects %j', async (args, stderr) => {
    expect(await run(args)).toEqual({status: 2, stdout: '', stderr})
  })

  test.each([
    ['0.15', '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'],
    ['0.22', 'nodekey:905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'],
    ['0.24', 'mkey:905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'],
    ['0.26', '905cf165204800247fbd3398'],
    ['0.29', 'hskey-authreq-905cf165204800247fbd3398'],
  ])('prints the lines that register the clients of the guide on %s', async (release, key) => {
    const {stderr} = await run(['--release', release, '--seed', 'guide', '--', 'true'])
    const lines = stderr.split('\n').filter((line) => line.startsWith('  headscale-ts '))
    expect(lines.slice(0, 2)).toEqual([
      '  headscale-ts users create default',
      `  headscale-ts nodes register -u default --key ${key}  # coredns`,
    ])
    expect(lines.length).toBe(7)
  })

  test('a printed line registers its client', {timeout: 60_000}, async () => {
    const headscale = PROGRAM.map((word) => `'${word}'`).join(' ')
    const seed = join(folder, 'pending.yaml')
    writeFileSync(seed, `users: [{name: alice}]\npending: [{key: ${'k'.repeat(24)}, name: phone}]`)
    const key = `hskey-authreq-${'k'.repeat(24)}`
    const script = `${headscale} nodes register -u alice --key ${key} -o json-line`
    const {stdout, stderr} = await run(['--release', '0.29', '--seed', seed, '--', 'sh', '-c', script])
    expect(stderr).toContain(`\n  headscale-ts nodes register -u alice --key ${key}  # phone\n`)
    expect(JSON.parse(stdout)).toMatchObject({name: 'phone'})
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on and waits for the command', async (signal) => {
    const script = `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1000); process.stderr.write('ready')`
    const running = start(['sandbox', 'run', '--', process.execPath, '-e', script])
    await running.says('ready')
    running.signal(signal)
    expect((await running.ended).status).toBe(5)
  })

  test('creates a folder that only its owner can enter', async () => {
    const {stdout} = await run(['--', 'sh', '-c', 'stat -c "%a %u" "$(dirname "$HEADSCALE_CONFIG")"'])
    expect(stdout).toBe(`700 ${process.getuid!()}\n`)
  })

  test.each([
    ['is missing', join(folder, 'missing'), 'no such folder'],
    ['is a file', '/dev/null', 'not a folder'],
  ])('says so when the temporary folder %s', async (_, TMPDIR, why) => {
    expect(await run(['--', 'true'], {TMPDIR})).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: cannot create a temporary folder in ${TMPDIR}: ${why}\nhint: set TMPDIR to another folder\n`,
    })
  })

  test('reports a temporary folder whose path is too long for a socket', async () => {
    const TMPDIR = join(folder, 'x'.repeat(90))
    mkdirSync(TMPDIR)
    const {status, stderr} = await run(['--', 'true'], {TMPDIR})
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: the path of the temporary folder is too long for a socket: .*\nhint: set TMPDIR/),
    ])
    expect(readdirSync(TMPDIR)).toEqual([])
  })

  test('works in a temporary folder given by a relative path', async () => {
    const TMPDIR = relative(process.cwd(), folder)
    const {stdout} = await run(['--', 'sh', '-c', 'cd / && ls "$HEADSCALE_UNIX_SOCKET"'], {TMPDIR})
    expect(stdout).toMatch(/^\/.*headscale\.sock\n$/)
  })

  test('does not remove a folder that replaced its own', async () => {
    const script = 'd=$(dirname "$HEADSCALE_CONFIG"); mv "$d" "$d.old"; mkdir "$d"; touch "$d/other"; echo "$d"'
    const {stdout} = await run(['--', 'sh', '-c', script])
    expect(readdirSync(stdout.trim())).toEqual(['other'])
    rmSync(stdout.trim(), {recursive: true})
    rmSync(`${stdout.trim()}.old`, {recursive: true})
  })

  test('leaves no files, also after a command that fails', async () => {
    await run(['--', 'sh', '-c', 'touch "$(dirname "$HEADSCALE_CONFIG")/more"; exit 1'])
    expect(readdirSync(folder).filter((name) => name.startsWith('headscale-ts-'))).toEqual([])
  })
})

describe('sandbox start', () => {
  test('prints how to reach it, and leaves no files', async () => {
    const socket = join(folder, 'start.sock')
    const running = start(['sandbox', 'start', '--socket', socket, '--listen', '127.0.0.1:0', '--release', '0.29'])
    const said = await running.says('API_KEY=')
    const address = /HEADSCALE_CLI_ADDRESS=(\S+)/.exec(said)![1]!
    const key = /HEADSCALE_CLI_API_KEY=(\S+)/.exec(said)![1]!
    const reply = await fetch(`${address}/api/v1/user`, {headers: {authorization: `Bearer ${key}`}})
    expect(await reply.json()).toEqual({users: []})
    running.signal('SIGINT')
    expect(await running.ended).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'sandbox: simulating headscale 0.29 in memory; press Ctrl-C to stop\n' +
        `  HEADSCALE_UNIX_SOCKET=${socket}\n  HEADSCALE_CLI_ADDRESS=${address}\n  HEADSCALE_CLI_API_KEY=${key}\n`,
    })
    expect(existsSync(socket)).toBe(false)
  })

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'kept')],
    ['a symbolic link', (path: string) => symlinkSync(join(folder, 'target'), path)],
    ['a folder', (path: string) => mkdirSync(path)],
    ['the socket of another server', (path: string) => linkSync(join(folder, 'other.sock'), path)],
  ])('leaves %s alone that took the place of its socket', async (kind, put) => {
    writeFileSync(join(folder, 'target'), 'kept')
    const other = createServer().listen(join(folder, 'other.sock'))
    await once(other, 'listening')
    const socket = join(folder, `replaced by ${kind}.sock`)
    const running = start(['sandbox', 'start', '--socket', socket])
    await running.says('HEADSCALE_UNIX_SOCKET=')
    rmSync(socket)
    put(socket)
    const before = lstatSync(socket).ino
    running.signal('SIGINT')
    expect((await running.ended).status).toBe(0)
    expect(lstatSync(socket).ino).toBe(before)
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('kept')
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
    other.close()
  })

  test('replaces a socket that nobody listens on', async () => {
    const socket = join(folder, 'stale.sock')
    const killed = start(['sandbox', 'start', '--socket', socket])
    await killed.says('HEADSCALE_UNIX_SOCKET=')
    killed.signal('SIGKILL')
    await killed.ended
    expect(existsSync(socket)).toBe(true)
    const running = start(['sandbox', 'start', '--socket', socket])
    await running.says('HEADSCALE_UNIX_SOCKET=')
    const another = await start(['sandbox', 'start', '--socket', socket]).ended
    expect(another).toMatchObject({
      status: 1,
      stderr: `error: another server is already listening on ${socket}\nhint: stop it, or specify another path with --socket\n`,
    })
    running.signal('SIGINT')
    expect((await running.ended).status).toBe(0)
    expect(existsSync(socket)).toBe(false)
  })

  test('with -o json prints the same on stdout', async () => {
    const running = start(['sandbox', 'start', '--listen', '[::1]:0', '-o', 'json-line'])
    await running.says('"apiKey"')
    running.signal('SIGTERM')
    expect(JSON.parse((await running.ended).stdout)).toEqual({
      release: '0.15',
      socket: null,
      address: expect.stringMatching(/^http:\/\/\[::1\]:\d+$/),
      apiKey: expect.stringMatching(/^[\w-]{10}\.[\w-]{43}$/),
      pending: [],
    })
  })

  test.each([
    [[], 2, 'error: no address or socket to listen on\nhint: specify --socket PATH, --listen HOST:PORT or both\n'],
    [
      ['--listen', '8080'],
      2,
      'error: invalid address to listen on "8080"\nhint: expected HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080; port 0 means any free port\n',
    ],
    [['--listen', '127.0.0.1:70000'], 2, 'error: invalid address to listen on "127.0.0.1:70000"\n'],
    [['--socket', join(folder, 'seed.yaml')], 1, `error: ${join(folder, 'seed.yaml')} exists and is not a socket\n`],
  ])('rejects %j', async (args, status, stderr) => {
    writeFileSync(join(folder, 'seed.yaml'), 'kept')
    const ended = await start(['sandbox', 'start', ...args]).ended
    expect([ended.status, ended.stdout, ended.stderr.slice(0, stderr.length)]).toEqual([status, '', stderr])
    expect(readFileSync(join(folder, 'seed.yaml'), 'utf8')).toBe('kept')
  })
})
