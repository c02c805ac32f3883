/** `dns render`: what the aliases file and the flags can get wrong, and how the file is written. */
import {chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SEED = {
  users: [{name: 'ops'}],
  nodes: [
    {name: 'web-1', user: 'ops', ip: ['100.64.0.1', 'fd7a:115c:a1e0::1']},
    {name: 'web-2', user: 'ops', ip: '100.64.0.2', online: false},
    {name: 'db', user: 'ops', ip: '100.64.0.3'},
  ],
}

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestSandbox({release: '0.29', seed: SEED})
  folder = scratchFolder()
})
afterAll(() => server.close())

const render = (...line: string[]) => runHere(['dns', 'render', ...line], {env: server.env, cwd: folder})
const withAliases = (text: string, ...line: string[]) => {
  writeFileSync(join(folder, 'aliases.yaml'), text)
  return render('--aliases', join(folder, 'aliases.yaml'), ...line)
}
const at = (place: string) => `${join(folder, 'aliases.yaml')}:${place}`

test('the file has one record on each line, sorted', async () => {
  const {status, stdout} = await withAliases(
    'grafana: web-1\nApp.Example.com.: [web-2, id:3]\nv6.example.com: {node: web-1, type: aaaa}\n',
    '--domain',
    'internal.example.com',
    '--online',
  )
  expect([status, stdout]).toEqual([
    0,
    `[
  {"name": "app.example.com", "type": "A", "value": "100.64.0.2"},
  {"name": "app.example.com", "type": "A", "value": "100.64.0.3"},
  {"name": "db.internal.example.com", "type": "A", "value": "100.64.0.3"},
  {"name": "grafana.internal.example.com", "type": "A", "value": "100.64.0.1"},
  {"name": "grafana.internal.example.com", "type": "AAAA", "value": "fd7a:115c:a1e0::1"},
  {"name": "v6.example.com", "type": "AAAA", "value": "fd7a:115c:a1e0::1"},
  {"name": "web-1.internal.example.com", "type": "A", "value": "100.64.0.1"},
  {"name": "web-1.internal.example.com", "type": "AAAA", "value": "fd7a:115c:a1e0::1"}
]
`,
  ])
})

test('JSON is read as JSON', async () => {
  const path = join(folder, 'aliases.json')
  writeFileSync(path, '{"a.b": {"node": ["db"], "type": "A"}}')
  expect((await render('--aliases', path)).stdout).toContain('"a.b"')
  writeFileSync(path, '{"a.b": "db",}')
  expect(await render('--aliases', path)).toMatchObject({
    status: 6,
    stderr: `error: ${path}:1:13: unexpected comma before }\nhint: fix the file at this position\n`,
  })
})

test('an alias takes precedence over the name of a node', async () => {
  const {stdout, stderr} = await withAliases('db: web-2\n', '--domain', 'x.y', '--name', 'db', '-o', 'json-line')
  expect(JSON.parse(stdout)).toEqual([{name: 'db.x.y', type: 'A', value: '100.64.0.2'}])
  expect(JSON.parse(stderr)).toEqual({
    warnings: ['no record for db (id 3, ops, 100.64.0.3, online): db.x.y is an alias'],
  })
})

describe('a mistake in the aliases file has its position', () => {
  test.for<[text: string, status: number, message: string, flags?: string[]]>([
    ['a.b: ghost\n', 3, '1:6: node "ghost" not found'],
    ['a.b:\n- web-1\n- id:1\n', 6, '3:3: node web-1 (id 1, ops, 100.64.0.1, online) is specified more than once'],
    ['a.b: web-1\nA.B.: db\n', 6, '2:1: a.b is specified more than once, first in line 1'],
    ['"*.b": db\n', 6, '1:1: "*.b" cannot be a DNS name: Tailscale clients do not support wildcards'],
    ['a..b: db\n', 6, '1:1: "a..b" cannot be a DNS name: it has an empty part between dots'],
    ['-a.b: db\n', 6, '1:1: "-a.b" cannot be a DNS name: a part begins or ends with a hyphen'],
    [
      `${'no-'.repeat(21)}x.b: db\n`,
      6,
      `1:1: "${'no-'.repeat(21)}x.b" cannot be a DNS name: a part is longer than 63 characters`,
    ],
    ['é.b: db\n', 6, '1:1: "é.b" cannot be a DNS name: it contains "é"'],
    ['www: db\n', 6, '1:1: www has no domain'],
    ['a.b: {node: db, type: AAAA}\n', 6, '1:23: node db (id 3, ops, 100.64.0.3, online) has no IPv6 address'],
    ['a.b: {node: db, type: CNAME}\n', 6, '1:23: invalid type "CNAME"'],
    ['a.b: {nodes: db}\n', 6, '1:7: unknown field "nodes"'],
    ['a.b: {type: A}\n', 6, '1:1: a.b has no node'],
    ['a.b:\n', 6, '1:5: expected a node, got nothing'],
    ['a.b: []\n', 6, '1:6: the list of nodes is empty'],
    ['a.b: [[db]]\n', 6, '1:7: expected a node, got a list'],
    ['- a.b\n', 6, '1:1: expected names and their nodes, got a list'],
    ['a.b: db\n---\nc.d: db\n', 6, '2:1: expected one YAML document'],
  ])('%j', async ([text, status, message]) => {
    const {stderr, ...rest} = await withAliases(text)
    expect([rest, stderr.split('\n')[0]]).toEqual([{status, stdout: ''}, `error: ${at(message)}`])
  })
})

test('an ambiguous name is exit 5, with the position', async () => {
  const twins = await startTestSandbox({
    release: '0.15',
    seed: {
      users: [{name: 'a'}],
      nodes: [
        {name: 'n', user: 'a'},
        {name: 'n', user: 'a'},
      ],
    },
  })
  writeFileSync(join(folder, 'twins.yaml'), 'a.b: n\n')
  const {status, stderr} = await runHere(['dns', 'render', '--aliases', join(folder, 'twins.yaml')], {env: twins.env})
  await twins.close()
  expect([status, stderr]).toEqual([
    5,
    expect.stringMatching(/twins\.yaml:1:6: "n" matches several nodes: .*\nhint: write its id, such as id:3\n$/),
  ])
})

test('nothing is rendered, or selected, by nothing', async () => {
  const usage = [
    [[], 'nothing to render'],
    [['--aliases', 'missing.yaml'], 'cannot read missing.yaml: no such file'],
    [['--domain', ''], '--domain has an empty value'],
    [['--domain', 'a b'], 'invalid value "a b" for --domain: it contains " "'],
    [['--domain', 'x.y', '--user', ''], '--user has an empty value'],
  ] as const
  for (const [line, message] of usage) {
    expect(await render(...line)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(message) as string,
    })
  }
  expect(await withAliases('a.b: db\n', '--online')).toMatchObject({
    status: 2,
    stderr: 'error: selectors choose the nodes with a name in --domain\nhint: add --domain DOMAIN\n',
  })
  const nobody = ['--domain', 'x.y', '--expired']
  expect(await render(...nobody)).toEqual({
    status: 3,
    stdout: '',
    stderr: 'error: no nodes match\nhint: nothing was written; to accept this, add --allow-empty\n',
  })
  expect(await withAliases('a.b: db\n', ...nobody)).toMatchObject({status: 3, stdout: ''})
  expect(await render(...nobody, '--allow-empty')).toEqual({status: 0, stdout: '[]\n', stderr: ''})
  expect(await withAliases('# none\n')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/^error: there are no records/) as string,
  })
})

describe('--output-file', () => {
  const write = (file: string, ...line: string[]) => render('--domain', 'x.y', '--output-file', file, ...line)
  const modeOf = (path: string) => statSync(path).mode & 0o777

  test('writes a new file with mode 644, then only changes, and leaves no other file', async () => {
    const own = scratchFolder()
    const path = join(own, 'records.json')
    expect(await write(path)).toEqual({status: 0, stdout: `wrote ${path}: 4 records\n`, stderr: ''})
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual([(await render('--domain', 'x.y')).stdout, 0o644])
    const before = statSync(path)
    expect((await write(path)).stdout).toBe(`unchanged: ${path}, 4 records\n`)
    expect(statSync(path)).toMatchObject({ino: before.ino, mtimeMs: before.mtimeMs})
    chmodSync(path, 0o640)
    expect((await write(path, '--name', 'db')).stdout).toBe(`wrote ${path}: 1 record\n`)
    expect([statSync(path).ino === before.ino, modeOf(path), readdirSync(own)]).toEqual([
      false,
      0o640,
      ['records.json'],
    ])
  })

  test('a relative path starts in the working folder, and a symbolic link stays', async () => {
    expect((await write('plain.json')).stdout).toBe('wrote plain.json: 4 records\n')
    symlinkSync('plain.json', join(folder, 'link.json'))
    expect((await write('link.json', '--name', 'db')).stdout).toBe('wrote link.json: 1 record\n')
    expect(readFileSync(join(folder, 'plain.json'), 'utf8')).toContain('db.x.y')
    expect(readFileSync(join(folder, 'plain.json'), 'utf8')).not.toContain('web-1')
  })

  test('what cannot be a file is refused', async () => {
    mkdirSync(join(folder, 'sub'))
    for (const [file, message] of [
      ['-', '--output-file cannot be -'],
      ['/dev/stdout', '--output-file cannot be /dev/stdout'],
      ['sub', 'cannot write sub: it is not a regular file'],
      ['missing/x', 'cannot write missing/x: its folder does not exist'],
    ] as const) {
      expect(await write(file)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining(message) as string,
      })
    }
  })
})
