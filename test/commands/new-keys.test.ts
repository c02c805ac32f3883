/**
 * The secret of a new key: alone on standard output, in a file that only its user can read, or in the command line of a
 * client. A key is never made before its file, and one that could not be written is named in the error.
 */
import {existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {type Env, runHere, runScript, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const USERS = {users: [{name: 'ops'}]}
const PRE_AUTH = 'preauthkeys create -u ops'
const COMMANDS = [PRE_AUTH, 'apikeys create', 'oauth-clients create -s users:read']

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestSandbox({release: '0.30', seed: USERS})
})
afterAll(() => server.close())
beforeEach(() => {
  folder = scratchFolder()
})

const run = (line: string, ...more: string[]) => runHere([...line.split(' '), ...more], {env: server.env, cwd: folder})

async function count(line: string): Promise<number> {
  const {stdout} = await run(line.replace(/ create.*/, ' list -o json'))
  return (JSON.parse(stdout) as unknown[]).length
}

describe.for(COMMANDS)('%s', (line) => {
  test('-o key prints the secret alone', async () => {
    const {status, stdout} = await run(line, '-o', 'key')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\S{24,}\n$/)])
  })

  test('--output-file writes the secret to a new file that only its user can read', async () => {
    const {status, stdout, stderr} = await run(line, '--output-file', 'secret')
    const path = join(folder, 'secret')
    const secret = readFileSync(path, 'utf8')
    expect(secret).toMatch(/^\S{24,}\n$/)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(new RegExp(`^wrote .* to ${path}\n$`))
    expect(stderr).not.toContain(secret.trim().slice(-20))
  })

  test('with --output-file the document has no secret', async () => {
    const {status, stdout, stderr} = await run(line, '--output-file', 'secret', '-o', 'json')
    expect([status, stderr]).toEqual([0, ''])
    expect((JSON.parse(stdout) as {key: string | null}).key ?? '***').toMatch(/\*\*\*$/)
    expect(stdout).not.toContain(readFileSync(join(folder, 'secret'), 'utf8').trim().slice(-20))
  })

  test('a file that cannot be created is an error, and no key is made', async () => {
    writeFileSync(join(folder, 'old'), 'old')
    mkdirSync(join(folder, 'folder'))
    symlinkSync('nowhere', join(folder, 'link'))
    symlinkSync('old', join(folder, 'link-to-old'))
    const before = await count(line)
    for (const [name, expected, message] of [
      ['old', 12, 'old already exists, and is not overwritten'],
      ['folder', 12, 'folder already exists, and is not overwritten'],
      ['link', 12, 'link already exists, and is not overwritten'],
      ['link-to-old', 12, 'link-to-old already exists, and is not overwritten'],
      ['missing/file', 2, 'missing/file: there is no such directory'],
      ['old/file', 2, 'old/file: there is no such directory'],
      ['-', 2, '--output-file expects the name of a file'],
    ] as const) {
      for (const flags of [[], ['--force'], ['--dry-run']]) {
        const {status, stdout, stderr} = await run(line, '--output-file', name, ...flags)
        expect([name, status, stdout]).toEqual([name, expected, ''])
        expect(stderr.split('\n')[0]).toMatch(new RegExp(`^error: .*${message}$`))
      }
    }
    expect(await count(line)).toBe(before)
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old')
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  test('a dry run makes neither key nor file', async () => {
    const before = await count(line)
    const {status, stdout, stderr} = await run(line, '--output-file', 'secret', '--dry-run')
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^would create /)
    expect([await count(line), existsSync(join(folder, 'secret'))]).toEqual([before, false])
  })

  test('-o key and --output-file exclude each other', async () => {
    const {status, stderr} = await run(line, '-o', 'key', '--output-file', 'secret')
    expect([status, stderr.split('\n')[0]]).toEqual([2, 'error: -o key and --output-file cannot be used together'])
  })
})

test('no file is left if the server refuses', async () => {
  const {status} = await run('preauthkeys create -u nobody', '--output-file', 'secret')
  expect([status, existsSync(join(folder, 'secret'))]).toEqual([3, false])
  const refused = await run('oauth-clients create -s devices:core', '--output-file', 'secret')
  expect([refused.status, existsSync(join(folder, 'secret'))]).toEqual([6, false])
})

test('a key that could not be written is named, with the command that expires it', async () => {
  // A file size of 0 is the limit; the signal that would end the program is ignored.
  const script = `cd ${folder}; trap '' XFSZ; ulimit -f 0; headscale-ts ${PRE_AUTH} --output-file secret`
  const {status, stdout, stderr} = await runScript('npm program', script, {env: server.env})
  expect([status, stdout]).toEqual([1, ''])
  const [, undo] =
    stderr.match(
      /^error: pre-auth key \d+ was created, but it was not written to \S+secret: file too large\nhint: it cannot be shown again; run: headscale-ts (.*)\n$/,
    ) ?? []
  expect(undo, stderr).toBeDefined()
  expect((await run(undo!)).stdout).toBe('Key expired\n')
  expect(existsSync(join(folder, 'secret'))).toBe(false)
})

describe('--join prints what a client runs', () => {
  const LINE = /^tailscale up --login-server (\S+) --auth-key (\S+)\n$/
  const WARNING =
    'warning: the address of the server for clients is not known: write its server_url in place of https://headscale.example.com\n'
  const joined = async (env: Env, ...more: string[]) => {
    const {status, stdout, stderr} = await runHere([...PRE_AUTH.split(' '), '--join', ...more], {env, cwd: folder})
    expect([status, stdout]).toEqual([0, expect.stringMatching(LINE)])
    return {url: stdout.match(LINE)![1], key: stdout.match(LINE)![2]!, stderr}
  }
  const config = (name: string, ...lines: string[]) => {
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''))
    return join(folder, name)
  }

  test('with the address of the connection over REST', async () => {
    const rest = await startTestSandbox({release: '0.26', via: 'REST', seed: USERS})
    try {
      const {url, key, stderr} = await joined(rest.env)
      expect([url, stderr]).toEqual([rest.env.HEADSCALE_CLI_ADDRESS, ''])
      expect(key).toMatch(/^[0-9a-f]{48}$/)
    } finally {
      await rest.close()
    }
  })

  test('with the server_url of the config file over a socket', async () => {
    const {HEADSCALE_UNIX_SOCKET: socket, XDG_CACHE_HOME} = server.env
    const url = 'https://vpn.example.org'
    const named = config('hs.yaml', `server_url: ${url}/`, `unix_socket: ${socket}`)
    expect(await joined({XDG_CACHE_HOME}, '-c', named)).toMatchObject({url, stderr: ''})
    expect(await joined({HEADSCALE_CONFIG: named, XDG_CACHE_HOME})).toMatchObject({url, stderr: ''})
    // A file at a default location counts only for its own socket.
    config('config.yaml', `server_url: ${url}`, `unix_socket: ${socket}`)
    expect(await joined(server.env)).toMatchObject({url, stderr: ''})
    config('config.yaml', `server_url: ${url}`, 'unix_socket: /run/other.sock')
    expect(await joined(server.env)).toMatchObject({url: 'https://headscale.example.com', stderr: WARNING})
  })

  test.for([[], ['server_url: 7'], ['server_url: vpn.example.org'], ['server_url: [']])(
    'with a placeholder if the config file has %j',
    async (lines) => {
      const named = config('hs.yaml', ...lines)
      const {url, stderr} = await joined({...server.env, HEADSCALE_CONFIG: named})
      expect([url, stderr]).toEqual(['https://headscale.example.com', WARNING])
    },
  )

  test('without the secret if it is in a file', async () => {
    const {key} = await joined(server.env, '--output-file', 'secret')
    expect(key).toBe(`file:${join(folder, 'secret')}`)
    expect((await run(`${PRE_AUTH} --join -o json`)).status).toBe(2)
  })
})
