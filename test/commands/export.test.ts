/** `export`: the file and what replaces it, names that mean something in YAML or to a terminal, and what cannot be exported. */
import {chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {createServer, request} from 'node:http'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import type {SeedData} from '../../src/sandbox/index.ts'
import {loadSeed} from '../../src/sandbox/seed/seed-file.ts'
import {tailnetYaml} from '../../src/tailnet-file/write-tailnet.ts'
import {policyProxy} from '../support/policy-proxy.ts'
import {runHere, scratchFolder, type InProcess} from '../support/program.ts'
import {startTestSandbox, type Via} from '../support/servers.ts'
import {listenOnPort} from '../wire/support/servers.ts'

const SEED: SeedData = {
  prefixes: ['100.64.0.0/10'],
  users: [{name: 'ops', createdAt: '2026-01-01T00:00:00Z'}],
  nodes: [{name: 'web', user: 'ops', online: false, createdAt: '2026-01-01T00:00:00Z'}],
}

const YAML = `# The tailnet of a headscale 0.29 server, without its keys. To run a command on a copy of it:
# headscale-ts sandbox run --release 0.29 --seed FILE -- COMMAND
prefixes: [100.64.0.0/10]
users:
  - id: 1
    name: ops
    createdAt: 2026-01-01T00:00:00Z
nodes:
  - id: 1
    name: web
    givenName: web
    user: ops
    ip: [100.64.0.1]
    online: false
    createdAt: 2026-01-01T00:00:00Z
`

async function start({seed = SEED, release = '0.29', via = 'socket' as Via} = {}) {
  const server = await startTestSandbox({release, seed, via})
  onTestFinished(() => server.close())
  return (argv: string[], options: InProcess = {}) => runHere(['export', ...argv], {env: server.env, ...options})
}

describe('the file', () => {
  test('is private, says how to use it, and nothing else is left in the folder', async () => {
    const run = await start()
    const file = join(scratchFolder(), 'tailnet.yaml')
    const {status, stdout} = await run([file])
    expect([status, stdout]).toEqual([0, `wrote ${file}: 1 user, 1 node\n`])
    expect(readFileSync(file, 'utf8')).toBe(YAML)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(file, '..'))).toEqual(['tailnet.yaml'])
  })

  test('is JSON with -o json, and standard output says that it was written', async () => {
    const run = await start()
    const file = join(scratchFolder(), 'tailnet.json')
    const {stdout} = await run([file, '-o', 'json'])
    expect(JSON.parse(stdout)).toEqual({file, changed: true})
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse((await run(['-o', 'json'])).stdout))
    expect((await run(['-o', 'yaml'])).stdout).toBe(YAML)
  })

  test('is replaced only after a question or with --force, and is private then too', async () => {
    const run = await start()
    const file = join(scratchFolder(), 'tailnet.yaml')
    writeFileSync(file, 'mine')
    chmodSync(file, 0o644)
    expect(await run([file])).toEqual({
      status: 9,
      stdout: '',
      stderr:
        `error: confirmation needed ("Replace ${file}?"), but there is no terminal\n` +
        'hint: add --force to replace the file, or name another one\n',
    })
    expect((await run([file], {answer: false})).status).toBe(9)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await run([file], {answer: true})).stderr).toContain(`? Replace ${file}?\n`)
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([YAML, 0o600])
    chmodSync(file, 0o644)
    expect((await run([file, '--force'])).status).toBe(0)
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([YAML, 0o600])
  })

  test('is not written if its folder is missing, or the server is away', async () => {
    const run = await start()
    expect(await run(['/missing/x.yaml'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('error: cannot write /missing/x.yaml: its folder does not exist\n'),
    })
    const file = join(scratchFolder(), 'tailnet.yaml')
    expect((await run([file, '--socket', '/missing/hs.sock'])).status).toBe(7)
    expect(existsSync(file)).toBe(false)
  })
})

const ALLOW_ALL = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
const STRANGE = [
  'null',
  '~',
  'no',
  '0x1f',
  '1_000',
  '12:30:45',
  '.inf',
  '- a',
  '# b',
  '&a *b !c',
  '{x: [',
  'a: b',
  'key:',
  'it\'s "quoted" \\ ',
  ' spaces ',
  'line\nfeed\r\n\ttab',
  '\u001b]0;title\u0007\u009b2J',
  '\u202egnp.exe\u2028\ufeff',
  '---',
  '...',
  '<<',
  '=',
  '2026-01-01',
  'naïve 日本 🙂',
  '__proto__',
  'id:1',
  'x'.repeat(100_000),
]

describe.for([
  ['0.22', 'socket'],
  ['0.25', 'REST'],
  ['0.29', 'socket'],
  ['0.30', 'REST'],
] as const)('on %s over %s', ([release, via]) => {
  test('every name survives', async () => {
    const seed: SeedData = {
      users: STRANGE.map((name, index) => ({
        name,
        createdAt: '2026-01-01T00:00:00Z',
        ...(release > '0.23' && {
          displayName: name,
          email: name,
          profilePicUrl: name,
          providerId: `p ${name} ${index}`,
        }),
      })),
      nodes: ['', ...STRANGE].map((name, index) => ({
        name,
        givenName: name,
        user: `id:${(index % STRANGE.length) + 1}`,
      })),
      ...(release > '0.23' && {policy: `  /* ${STRANGE.join('\n')} */ ${ALLOW_ALL}`}),
    }
    const file = join(scratchFolder(), 'tailnet.yaml')
    const run = await start({seed, release, via})
    expect(await run([file])).toMatchObject({status: 0})
    const text = readFileSync(file, 'utf8')
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/)
    const copy = await loadSeed(file)
    const names = copy.nodes!.map(({name}) => name)
    expect(names).toEqual(['', ...STRANGE])
    expect(copy.nodes!.map(({givenName}) => givenName)).toEqual(names)
    expect(copy.policy).toBe(seed.policy)
    expect(copy.users!.map(({displayName}) => displayName)).toEqual(seed.users!.map(({displayName}) => displayName))
    expect((await (await start({seed: copy, release, via}))([])).stdout).toBe(text)
  })
})

describe('what a server should not send', () => {
  /** A proxy in front of a sandbox that changes the first node. */
  async function exportWith(change: object, release = '0.29') {
    const sandbox = await startTestSandbox({
      release,
      via: 'REST',
      seed: {...SEED, nodes: [...SEED.nodes!, {name: 'db', user: 'ops'}]},
    })
    onTestFinished(() => sandbox.close())
    const proxy = createServer((incoming, reply) => {
      const {url, method, headers} = incoming
      const upstream = request(`${sandbox.env.HEADSCALE_CLI_ADDRESS}${url}`, {method, headers}, async (answer) => {
        const body = Buffer.concat(await answer.toArray()).toString()
        reply.writeHead(answer.statusCode ?? 502, {'content-type': answer.headers['content-type'] ?? 'text/plain'})
        if (url !== '/api/v1/node' || method !== 'GET') return reply.end(body)
        const {nodes} = JSON.parse(body) as {nodes: object[]}
        reply.end(JSON.stringify({nodes: [{...nodes[0], ...change}, ...nodes.slice(1)]}))
      })
      incoming.pipe(upstream)
    })
    const env = {...sandbox.env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${await listenOnPort(proxy)}`}
    const file = join(scratchFolder(), 'tailnet.yaml')
    const outcome = await runHere(['export', file], {env})
    return {...outcome, written: existsSync(file)}
  }

  test.for([
    [{ipAddresses: ['10.0.0.1\u001b[2J']}, 'nodes.0.ip: must be an IP address or a list of them'],
    [{ipAddresses: ['100.64.0.2']}, 'nodes.1: the address "100.64.0.2" is already used by nodes.0'],
    [{availableRoutes: ['everything']}, 'nodes.0.routes.0: must be a prefix such as 10.0.0.0/24'],
    [{tags: ['admin']}, 'nodes.0.tags.0: must start with tag:'],
    [{name: 'half \ud800'}, 'nodes.0.name: must be valid Unicode'],
    [{id: '18446744073709551615'}, 'nodes.1: the id 18446744073709551615 is too large'],
  ] as const)('is rejected, and nothing is written: %j', async ([change, reason]) => {
    const {status, stderr, written} = await exportWith(change)
    expect([status, written]).toEqual([1, false])
    expect(stderr).toContain(`error: the tailnet cannot be exported: ${reason}\n`)
  })

  test('is a node of a user that it does not list, after both were read again', async () => {
    expect(await exportWith({user: {id: '77', name: 'nobody'}})).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'error: node 1 belongs to the user with id 77, which the server does not list\n' +
        'hint: nothing was written; if users or nodes are deleted just now, run the command again\n',
      written: false,
    })
  })
})

test('a user who is deleted while users and nodes are read is not in the file', async () => {
  const seed = {...SEED, users: [...SEED.users!, {name: 'gone'}], nodes: [...SEED.nodes!, {name: 'old', user: 'gone'}]}
  const sandbox = await startTestSandbox({release: '0.29', via: 'REST', seed})
  onTestFinished(() => sandbox.close())
  const proxy = await policyProxy(sandbox.env.HEADSCALE_CLI_ADDRESS!, {
    is: (method, path) => method === 'GET' && path.startsWith('/api/v1/user'),
    async before() {
      for (const line of ['nodes delete old --force', 'users destroy gone --force']) {
        expect(await runHere(line.split(' '), {env: sandbox.env})).toMatchObject({status: 0})
      }
      return true
    },
  })
  onTestFinished(() => proxy.close())
  const outcome = await runHere(['export'], {env: {...sandbox.env, HEADSCALE_CLI_ADDRESS: proxy.url}})
  expect(outcome).toMatchObject({status: 0, stdout: YAML})
})

test('a policy is written as it is where YAML keeps it, and quoted where it does not', async () => {
  const texts = [
    '',
    '{}',
    '{\n\t"a": 1,\n\n}\n',
    'a\n',
    'a\nb',
    'a\nb\n\n',
    '\na\nb',
    '  a\nb',
    'a\n   \nb',
    'a\r\nb',
    'a\n# b\n',
  ]
  for (const policy of texts) {
    const file = join(scratchFolder(), 'policy.yaml')
    writeFileSync(file, [...tailnetYaml({policy}, [])].join(''))
    expect((await loadSeed(file)).policy).toBe(policy)
  }
  expect([...tailnetYaml({policy: texts[2]!}, [])].join('')).toBe('policy: |\n  {\n  \t"a": 1,\n\n  }\n')
})
