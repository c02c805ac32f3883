/**
 * The names that completion reads from a server, as the completion scripts ask for them: `__complete SHELL =WORD WORDS…`.
 * test/e2e/completion.test.ts has the scripts in their shells.
 */
import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {readTypedWord, UNKNOWN} from '../../src/cli/completion/live/shell-word.ts'
import {type Env, type InProcess, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SECRET = '9f4c1d2e3b5a69788796a5b4c3d2e1f09f4c1d2e3b5a6978'

const SEED = {
  users: [{name: 'ops'}, {name: 'default'}, {name: '42'}],
  nodes: [
    {
      name: 'web-1',
      user: 'ops',
      routes: ['10.0.0.0/24', 'fd7a:115c::/48'],
      approved: ['10.0.0.0/24'],
      tags: ['tag:web'],
    },
    {name: 'web-2', user: 'ops', routes: ['10.0.9.0/24'], tags: ['tag:db', 'tag:web']},
    {name: 'my node', user: 'default'},
    {name: '$(reboot)', user: 'default'},
    {name: 'a:b\\c`d"', user: 'default'},
    {name: '-rf', user: 'default'},
    {name: 'x\u001b[2Jy\nz', user: 'default'},
    {name: 'id:1', user: 'default'},
    {name: '10.1.0.1', user: 'default'},
    {name: '77', user: 'default'},
  ],
  preAuthKeys: [{user: 'ops', key: SECRET, reusable: true}],
}

/** Time enough on a busy machine. */
const PATIENT = {HEADSCALE_TS_COMPLETION_TIMEOUT: '20s'}

/** What is offered. */
async function offered(shell: string, line: string, {env = {}, ...options}: InProcess = {}): Promise<string[]> {
  const words = line.split(' ')
  const current = words.pop()!
  const outcome = await runHere(['__complete', shell, `=${current}`, ...words], {env: {...PATIENT, ...env}, ...options})
  expect(outcome).toEqual({status: 0, stdout: outcome.stdout, stderr: ''})
  return outcome.stdout.split('\n').slice(0, -1)
}

/** The words alone, as fish reads them. */
const wordsOffered = async (line: string, options: InProcess = {}) =>
  (await offered('fish', line, options)).map((text) => text.split('\t')[0]!)

describe.for([
  {release: '0.15', via: 'socket'},
  {release: '0.17', via: 'REST'},
  {release: '0.24', via: 'socket'},
  {release: '0.27', via: 'REST'},
  {release: '0.30', via: 'socket'},
] as const)('sandbox $release over $via', ({release, via}) => {
  const minor = Number(release.split('.')[1])
  let server: TestServer
  let env: Env
  beforeAll(async () => {
    const nodes = SEED.nodes.map(({tags, ...node}) => (minor < 16 ? node : {...node, ...(tags && {tags})}))
    server = await startTestSandbox({release, via, seed: {...SEED, nodes}})
    ;({env} = server)
  })
  afterAll(() => server.close())

  test('offers nodes and users by name', async () => {
    expect(await wordsOffered('nodes delete web', {env})).toEqual(['web-1', 'web-2'])
    expect(await wordsOffered('machines list --not-user d', {env})).toEqual(['default'])
    expect(await wordsOffered('users destroy -i ', {env})).toEqual(['1', '2', '3'])
  })

  test('offers the routes of the node that the line names', async () => {
    const known = minor === 15 ? [] : ['10.0.0.0/24', 'fd7a:115c::/48']
    const found = await wordsOffered('routes enable -i web-1 -r ', {env})
    if (minor > 15) expect(found.toSorted()).toEqual(known)
    expect(await wordsOffered('routes enable web-1 10.0.9', {env})).toEqual([])
  })

  test('offers keys by id and never shows a secret', async () => {
    const keys = await offered('fish', 'preauthkeys expire ', {env})
    expect(keys.map((text) => text.split('\t')[0])).toEqual(['1'])
    expect(keys.join()).not.toContain(SECRET.slice(0, 20))
    const apiKeys = await offered('fish', 'apikeys expire ', {env})
    expect(apiKeys.length).toBe(via === 'REST' ? 1 : 0)
    if (via === 'REST') expect(apiKeys.join()).not.toContain(env.HEADSCALE_CLI_API_KEY)
  })
})

describe('names', () => {
  let server: TestServer
  let env: Env
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.27', seed: SEED})
    ;({env} = server)
  })
  afterAll(() => server.close())

  test('that cannot be arguments are offered by id, and are printed without control characters', async () => {
    expect(await offered('fish', 'nodes delete ', {env})).toEqual([
      'web-1\tid 1, ops, 10.1.0.1, online',
      'web-2\tid 2, ops, 10.1.0.2, online',
      'my node\tid 3, default, 10.1.0.3, online',
      '$(reboot)\tid 4, default, 10.1.0.4, online',
      'a:b\\c`d"\tid 5, default, 10.1.0.5, online',
      '6\t-rf (id 6, default, 10.1.0.6, online)',
      '7\tx\\x1b[2Jy\\nz (id 7, default, 10.1.0.7, online)',
      '8\tid:1 (id 8, default, 10.1.0.8, online)',
      '9\t10.1.0.1 (id 9, default, 10.1.0.9, online)',
      '10\t77 (id 10, default, 10.1.0.10, online)',
    ])
    expect(await wordsOffered('nodes list -u ', {env})).toEqual(['ops', 'default', '3'])
  })

  test('are quoted for bash as the word is', async () => {
    expect(await offered('bash', 'nodes delete ', {env})).toEqual([
      'web-1',
      'web-2',
      'my\\ node',
      '\\$\\(reboot\\)',
      'a:b\\\\c\\`d\\"',
      ...['6', '7', '8', '9', '10'],
    ])
    expect(await offered('bash', 'nodes delete "a', {env})).toEqual(['"a:b\\\\c\\`d\\"'])
    expect(await offered('bash', "nodes delete 'a", {env})).toEqual(['\'a:b\\c`d"'])
    expect(await offered('bash', 'nodes delete "m', {env})).toEqual(['"my node'])
    expect(await offered('bash', 'nodes delete x"m', {env})).toEqual([])
  })

  test('are escaped for zsh and quoted for PowerShell', async () => {
    expect(await offered('zsh', 'nodes delete a', {env})).toContain('a\\:b\\\\c`d":id 5, default, 10.1.0.5, online')
    const lines = await offered('powershell', 'nodes delete ', {env})
    expect(lines.map((line) => line.split('\t')[0]).slice(0, 5)).toEqual([
      'web-1',
      'web-2',
      "'my node'",
      "'$(reboot)'",
      "'a:b\\c`d\"'",
    ])
  })

  test('are ids and addresses too once they are begun', async () => {
    expect(await wordsOffered('nodes show 2', {env})).toContain('2')
    expect(await wordsOffered('nodes show 10.1.0.2', {env})).toEqual(['10.1.0.2'])
  })

  test.for([
    ['nodes tag -i web-2 -t ', ['tag:db', 'tag:web']],
    ['nodes tag -i web-2 --tags=tag:db,', ['--tags=tag:db,tag:web']],
    ['nodes list --not-tag=tag:d', ['--not-tag=tag:db']],
    ['nodes list --not-name web', ['web-1', 'web-2']],
    ['nodes list -t web', []],
    ['-n default nodes delete web', ['web-1', 'web-2']],
    ['--user o', ['ops']],
    ['ns destroy de', ['default']],
    ['users list -nde', ['-ndefault']],
    ['users rename de', ['default']],
    ['users rename default de', []],
    ['users rename -i 1 de', []],
    ['users rename -n default de', []],
    ['users rename -r home de', ['default']],
    ['nodes delete web-1 web', ['web-2']],
    ['nodes delete 1 web', ['web-2']],
    ['nodes delete -- web', ['web-1', 'web-2']],
    ['nodes move --force web', ['web-1', 'web-2']],
    ['nodes move web-1 --from-user op', ['ops']],
    ['routes disable -i web-2 10', ['10.0.9.0/24']],
    ['routes disable 10', []],
    ['routes disable nothing web', ['web-1', 'web-2']],
    ['nodes list --route fd', ['fd7a:115c::/48']],
    ['nodes rename web', ['web-1', 'web-2']],
    ['nodes rename web-1 web', []],
    ['nodes rename -i web-1 web', []],
    ['nodes rename web-1=gateway web', ['web-1', 'web-2']],
    ['users create de', []],
    ['nodes list --socket ', []],
    ['nodes nothing ', []],
    ['derp check --node web', []],
    ['nodes delete --no-such web', ['web-1', 'web-2']],
    ['nodes delete --', []],
  ] as [string, string[]][])('%s', async ([line, words]) => {
    const found = await wordsOffered(line, {env})
    const typed = line.split(' ').at(-1)!
    expect(found.filter((word) => word.startsWith(typed) && !/^\d+$/.test(word))).toEqual(words)
  })
})

describe('the server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.27', via: 'REST', seed: SEED})
  })
  afterAll(() => server.close())
  const NODES = 'nodes delete web'

  test('is the one that the line names, also after an exported variable or ~', async () => {
    const other = await startTestSandbox({
      release: '0.28',
      seed: {users: [{name: 'ops'}], nodes: [{name: 'web-9', user: 'ops'}]},
    })
    const home = scratchFolder()
    const socket = other.env.HEADSCALE_UNIX_SOCKET!
    writeFileSync(join(home, 'my config.yaml'), `unix_socket: ${socket}\n`)
    const words = (...line: string[]) =>
      runHere(['__complete', 'bash', '=web', ...line, 'nodes', 'delete'], {
        home,
        env: {...PATIENT, ...server.env, SOCKET: socket},
      })
    const named = {status: 0, stdout: 'web-9\n', stderr: ''}
    expect(await words('--socket', socket)).toEqual(named)
    expect(await words(`--socket=${socket}`)).toEqual(named)
    expect(await words('--socket', '$SOCKET')).toEqual(named)
    expect(await words('-c', '~/my\\ config.yaml')).toEqual(named)
    expect(await words('-c', '"$HOME/my config.yaml"')).toEqual({status: 0, stdout: '', stderr: ''})
    expect(await words('--socket', '$UNKNOWN')).toEqual({status: 0, stdout: '', stderr: ''})
    expect(await words('--socket', '"$(echo x)"')).toEqual({status: 0, stdout: '', stderr: ''})
    await other.close()
  })

  test.for<[string, Env]>([
    ['cannot be reached', {HEADSCALE_CLI_ADDRESS: 'http://127.0.0.1:1'}],
    ['rejects the key', {HEADSCALE_CLI_API_KEY: 'abcdefghij.0123456789'}],
    ['has no key', {HEADSCALE_CLI_API_KEY: ''}],
    ['has an invalid address', {HEADSCALE_CLI_ADDRESS: 'ftp://x'}],
    ['has an invalid timeout', {HEADSCALE_CLI_TIMEOUT: 'x'}],
    ['is not configured', {HEADSCALE_CLI_ADDRESS: '', HEADSCALE_UNIX_SOCKET: '/nonexistent/hs.sock'}],
    ['has a configuration that is wrong', {HEADSCALE_CLI_ADDRESS: '', HEADSCALE_CONFIG: '/dev/null'}],
    ['has an invalid time limit', {HEADSCALE_TS_COMPLETION_TIMEOUT: 'soon'}],
  ])('that %s means silence', async ([, env]) => {
    expect(await offered('bash', NODES, {env: {...server.env, ...env}})).toEqual([])
  })

  test('that does not answer in time means silence', async () => {
    const silent = createServer((socket) => void socket.on('error', () => {}))
    const path = join(scratchFolder(), 'silent.sock')
    await new Promise<void>((resolve) => silent.listen(path, resolve))
    const start = performance.now()
    const env = {HEADSCALE_UNIX_SOCKET: path, HEADSCALE_TS_COMPLETION_TIMEOUT: undefined}
    expect(await offered('bash', NODES, {env})).toEqual([])
    expect(performance.now() - start).toBeLessThan(2000)
    silent.close()
  })

  test('is not asked through standard input or a pipe', async () => {
    const pipe = join(scratchFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(await offered('bash', `--api-key-file - ${NODES}`, {env: server.env})).toEqual([])
    expect(await offered('bash', `-c ${pipe} ${NODES}`, {env: server.env})).toEqual([])
    expect(await offered('bash', `-c <(cat) ${NODES}`, {env: server.env})).toEqual([])
  })

  test('is asked once in a few seconds, and what is kept contains no secret', async () => {
    const short = await startTestSandbox({release: '0.27', via: 'REST', seed: SEED})
    const home = scratchFolder()
    const {env} = short
    expect(await offered('bash', NODES, {env, home})).toEqual(['web-1', 'web-2'])
    expect(await offered('fish', 'preauthkeys expire ', {env, home})).toHaveLength(1)
    await short.close()
    const now = () => new Date(Date.now() + 3000)
    expect(await offered('bash', NODES, {env, home, now})).toEqual(['web-1', 'web-2'])
    expect(await offered('fish', 'nodes delete 1', {env, home, now})).toContain('1\tid 1, ops, 10.1.0.1, online')
    expect(await offered('bash', 'users destroy o', {env, home, now})).toEqual([])
    expect(await offered('bash', NODES, {env, home, now: () => new Date(Date.now() + 60_000)})).toEqual([])

    const folder = join(home, '.cache/headscale-ts/names')
    const files = readdirSync(folder).map((name) => join(folder, name))
    expect(files).toHaveLength(2)
    expect(files.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600', '600'])
    const kept = files.map((file) => readFileSync(file, 'utf8')).join()
    expect(kept).not.toContain(SECRET.slice(0, 20))
    expect(kept).not.toContain(env.HEADSCALE_CLI_API_KEY)
  })

  test('is asked again after a change', async () => {
    const home = scratchFolder()
    const {env} = server
    const folder = join(home, '.cache/headscale-ts')
    expect((await runHere(['users', 'create', 'first'], {env, home})).status).toBe(0)
    expect(readdirSync(folder), 'a folder for users of completion only').not.toContain('names')
    expect(await wordsOffered('nodes list -u n', {env, home})).toEqual([])
    expect(readdirSync(folder)).toContain('names')
    expect((await runHere(['users', 'create', 'new', '--dry-run'], {env, home})).status).toBe(0)
    expect((await runHere(['users', 'create', 'new'], {env, home})).status).toBe(0)
    expect(await wordsOffered('nodes list -u n', {env, home})).toEqual(['new'])
  })

  test('is asked each time without a place to keep its answer', async () => {
    expect(await offered('bash', NODES, {env: server.env, home: '/nonexistent'})).toEqual(['web-1', 'web-2'])
  })

  test.for([[], ['bash'], ['csh', '=', 'nodes', 'delete'], ['bash', '=\ufffd', 'nodes', 'delete']])(
    'is not asked by %j',
    async (argv) => {
      expect(await runHere(['__complete', ...argv], {env: {...PATIENT, ...server.env}})).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      })
    },
  )
})

test('the command for completion scripts is in no help', async () => {
  const {stdout} = await runHere(['--help'])
  expect(stdout).not.toContain('__complete')
  expect((await runHere(['nodes', '__complete'])).status).toBe(2)
})

describe('a typed word', () => {
  const around = {env: {A: 'x y', EMPTY: ''}, home: '/home/me'}
  test.for([
    ['web', 'web'],
    ['my\\ node', 'my node'],
    ["'my $A'", 'my $A'],
    ['"my $A"', 'my x y'],
    ['"a\\"b\\c"', 'a"b\\c'],
    ['${A}z', 'x yz'],
    ['$A-z', 'x y-z'],
    ['~/x', '/home/me/x'],
    ['"~/x"', '~/x'],
    ['a~b', 'a~b'],
    ['~other/x', UNKNOWN],
    ['$B', UNKNOWN],
    ['$(date)', UNKNOWN],
    ['"$(date)"', UNKNOWN],
    ["'$(date)'", '$(date)'],
    ['`date`', UNKNOWN],
    ['<(date)', UNKNOWN],
    ["$'a\\n'", UNKNOWN],
    ['\\$(date)', '$(date)'],
    ['$', '$'],
  ])('%s', ([raw, text]) => {
    expect(readTypedWord(raw!, around).text).toBe(text)
  })

  test('has a quote that is open', () => {
    expect(readTypedWord('a"b', around)).toEqual({text: 'ab', open: {quote: '"', at: 1}})
    expect(readTypedWord('\'b"', around)).toEqual({text: 'b"', open: {quote: "'", at: 0}})
    expect(readTypedWord('"b"', around)).toEqual({text: 'b', open: null})
  })
})
