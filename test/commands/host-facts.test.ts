/**
 * What clients report, in nodes list and nodes show: the columns, the document, and what is printed where it is unknown.
 * test/api/reported-clients.test.ts has the reasons.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest'
import {type DebugPage, LINUX, pageNode, PHONE, startDebugPage, WINDOWS} from '../support/debug-page.ts'
import {type Env, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const LETTERS = ['a', 'b', 'c', 'd']
const key = (letter: string) => `mkey:${letter.repeat(64)}`
const seed = {
  users: [{name: 'ada'}],
  nodes: LETTERS.map((letter) => ({
    name: `host-${letter}`,
    user: 'ada',
    machineKey: letter.repeat(64),
    routes: ['10.0.0.0/8'],
  })),
}

let server: TestServer
let old: TestServer
let page: DebugPage
beforeAll(async () => {
  server = await startTestSandbox({release: '0.29', seed})
  old = await startTestSandbox({release: '0.26', seed})
  page = await startDebugPage({
    1: pageNode(key('a'), {...LINUX, IPNVersion: '1.80.10-t1a2b3c4d5'}, ['192.0.2.10:41641', '[2001:db8::1]:41641']),
    2: pageNode(key('b'), WINDOWS, []),
    3: pageNode(key('c'), {...PHONE, OS: 'iOS\u001B[31m'}, null),
  })
})
afterAll(async () => {
  page.close()
  await Promise.all([server.close(), old.close()])
})
beforeEach(() => void page.requests.splice(0))

const run = (line: string, env: Env = {HEADSCALE_METRICS_LISTEN_ADDR: page.address}, on = server) =>
  runHere(line.split(' '), {env: {...on.env, ...env}})

test('nodes list has columns of it, with which it can be sorted', async () => {
  const {status, stdout, stderr} = await run('nodes list --columns name,os,os-version,version,endpoints --sort version')
  expect([status, stderr]).toEqual([0, ''])
  expect(`\n${stdout.replaceAll(/ +$/gm, '')}`).toBe(`
Name   | OS          | OS version      | Client  | Endpoints
host-b | windows     | 10.0.26100.4061 | 1.74.0  |
host-a | linux       | debian 12.11    | 1.80.10 | 192.0.2.10:41641, [2001:db8::1]:41641
host-c | iOS\\x1b[31m | -               | 1.84.1  |
host-d | -           | -               | -       | -
`)
})

test.for(['nodes list -o wide', 'nodes list-routes -o wide --metrics-address 127.0.0.1:1'])(
  '%s says why it is unknown, once',
  async (line) => {
    const {status, stderr} = await run(line, {}, old)
    expect([status, stderr]).toEqual([
      0,
      'note: OS, client version and endpoints are unknown: needs headscale 0.27.0 or later; the server is 0.26\n',
    ])
  },
)

test('nodes list does not read it for an output that does not have it', async () => {
  for (const line of [
    'nodes list',
    'nodes list -o name',
    'nodes list --columns id',
    'nodes show',
    'nodes list --sort id',
  ]) {
    expect((await run(line)).status).toBe(0)
  }
  expect(page.requests).toEqual([])
})

test('the document has the same fields with and without it', async () => {
  for (const line of ['nodes list -o json', 'nodes show -o json', 'nodes list-routes -o json']) {
    const known = await run(line)
    const unknown = await run(line, {}, old)
    expect([known.status, known.stderr, unknown.status, unknown.stderr]).toEqual([0, '', 0, ''])
    const fields = ({stdout}: {stdout: string}) =>
      (JSON.parse(stdout) as Record<string, unknown>[]).map(({os, osVersion, clientVersion, endpoints}) => ({
        ...{os, osVersion, clientVersion, endpoints},
      }))
    expect(fields(known)).toEqual([
      {
        os: 'linux',
        osVersion: 'debian 12.11',
        clientVersion: '1.80.10-t1a2b3c4d5',
        endpoints: ['192.0.2.10:41641', '[2001:db8::1]:41641'],
      },
      {os: 'windows', osVersion: '10.0.26100.4061', clientVersion: '1.74.0-tc0ffee000-g123456789', endpoints: []},
      {os: 'iOS\u001B[31m', osVersion: null, clientVersion: '1.84.1', endpoints: []},
      {os: null, osVersion: null, clientVersion: null, endpoints: null},
    ])
    const none = {os: null, osVersion: null, clientVersion: null, endpoints: null}
    expect(fields(unknown)).toEqual([none, none, none, none])
  }
})

test('nodes show has it, or the reason', async () => {
  const rows = async (...args: Parameters<typeof run>) => {
    const {status, stdout, stderr} = await run(...args)
    expect([status, stderr]).toEqual([0, ''])
    return stdout.slice(stdout.indexOf('Routes serving'), stdout.indexOf('Machine key'))
  }
  expect(await rows('nodes show host-a')).toBe(
    [
      'Routes serving:    -',
      'OS:                linux (debian 12.11)',
      'Client:            1.80.10-t1a2b3c4d5',
      'Endpoints:         192.0.2.10:41641, [2001:db8::1]:41641',
      '',
    ].join('\n'),
  )
  expect(await rows('nodes show host-d')).toBe(
    `Routes serving:    -\nOS, client:        unknown: http://${page.address} lists none of these nodes\n`,
  )
  expect(await rows('nodes show host-a', {})).toBe(
    'Routes serving:    -\nOS, client:        unknown: pass --metrics-address, or the config file with -c\n',
  )
  expect(await rows('nodes show host-a', {}, old)).toBe(
    'Routes serving:    -\nOS, client:        unknown: needs headscale 0.27.0 or later; the server is 0.26\n',
  )
})

test('the address comes from the config file, or from --metrics-address', async () => {
  const path = join(scratchFolder(), 'config.yaml')
  writeFileSync(path, `unix_socket: ${server.env.HEADSCALE_UNIX_SOCKET}\nmetrics_listen_addr: ${page.address}\n`)
  for (const line of [`nodes show 1 -c ${path}`, `nodes list -o wide --metrics-address ${page.address}`]) {
    const {status, stdout} = await run(line, {})
    expect([status, stdout]).toEqual([0, expect.stringContaining('1.80.10')])
  }
  const {status, stderr} = await run('nodes list --metrics-address 9090')
  expect([status, stderr]).toEqual([
    2,
    'error: invalid value "9090" for --metrics-address\n' +
      'hint: write it as metrics_listen_addr in the config file of headscale, for example 127.0.0.1:9090\n',
  ])
})

test('an error of the list stays the error', async () => {
  const {status, stdout, stderr} = await run('nodes show nobody')
  expect([status, stdout, stderr.split('\n')[0]]).toEqual([3, '', 'error: node "nobody" not found'])
})

test('--debug has a line about the page, and nothing of it', async () => {
  const {stderr} = await run('nodes list -o wide --debug')
  expect(stderr).toMatch(
    new RegExp(
      `GET http://${page.address}/debug/nodestore \\(HEADSCALE_METRICS_LISTEN_ADDR\\): 200, \\d+ ms, sent 0 B, received \\d+ B\n`,
    ),
  )
  expect(stderr).not.toContain('c0621171')
})
