/** `routes check` as its users see it: the table on standard output, then the error with exit status 6. */
import {afterEach, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const A = '10.0.0.0/24'
const B = '10.2.0.0/24'
const EXIT = ['0.0.0.0/0', '::/0']

let server: TestServer | undefined
afterEach(() => server?.close())

const node = (name: string, online: boolean, routes: string[]) => ({
  name,
  user: 'ops',
  online,
  routes,
  approved: routes,
})

async function check(nodes: ReturnType<typeof node>[], ...flags: string[]) {
  server = await startTestSandbox({release: '0.26', seed: {users: [{name: 'ops'}], nodes}})
  return runHere(['routes', 'check', ...flags], {env: server.env})
}

const HINT =
  'hint: start one of their nodes, approve the route of another, or disable it: headscale-ts routes disable NODE CIDR\n'

test('succeeds if every approved route has a server', async () => {
  expect(await check([node('gw-1', true, [A]), node('gw-2', true, [A]), node('gw-3', false, [A])])).toEqual({
    status: 0,
    stdout: [
      'Prefix      | Status | Primary | Online     | Offline | Pending\n',
      '10.0.0.0/24 | ok     | gw-1    | gw-1, gw-2 | gw-3    | -\n',
    ].join(''),
    stderr: '',
  })
})

test('prints the whole table, then names the routes without a server', async () => {
  expect(await check([node('gw-1', true, [A]), node('gw-2', false, [B]), node('exit', false, EXIT)])).toEqual({
    status: 6,
    stdout: [
      'Prefix      | Status    | Primary | Online | Offline | Pending\n',
      '10.0.0.0/24 | ok        | gw-1    | gw-1   | -       | -\n',
      '10.2.0.0/24 | no-server | -       | -      | gw-2    | -\n',
      '0.0.0.0/0   | no-server | -       | -      | exit    | -\n',
      '::/0        | no-server | -       | -      | exit    | -\n',
    ].join(''),
    stderr: `error: 3 approved routes have no server: 10.2.0.0/24, 0.0.0.0/0 of exit, ::/0 of exit\n${HINT}`,
  })
})

test('the error is about the routes that were chosen', async () => {
  const nodes = [node('gw-1', false, [A]), node('gw-2', false, [B])]
  const {status, stdout, stderr} = await check(nodes, '--route', B, '-o', 'name')
  expect({status, stdout, stderr}).toEqual({
    status: 6,
    stdout: `${B}\n`,
    stderr: `error: an approved route has no server: ${B}\n${HINT}`,
  })
})

test('with -o json the error is an object', async () => {
  const {status, stdout, stderr} = await check([node('gw-2', false, [B])], '-o', 'json')
  expect([status, JSON.parse(stdout)]).toEqual([
    6,
    [
      {
        prefix: B,
        exitRoute: false,
        status: 'no-server',
        nodes: [
          {id: '1', name: 'gw-2', givenName: 'gw-2', online: false, advertised: true, enabled: true, isPrimary: true},
        ],
      },
    ],
  ])
  expect(JSON.parse(stderr)).toMatchObject({error: {code: 'invalid-input', exitCode: 6, prefixes: [B]}})
})

test('a tailnet without routes has nothing to check', async () => {
  expect(await check([node('web', true, [])], '--no-header')).toEqual({status: 0, stdout: '', stderr: ''})
})
