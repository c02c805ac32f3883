/**
 * Commands of headscale's own command line, release by release: each works unchanged, with its aliases, its short
 * flags, and flags before the command. docs/migrating.md lists the few that do not work, with the reasons.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

/** `[first release, last release, line]`, in the order in which they can be run on one server. */
const LINES: [from: number, to: number, line: string][] = [
  [15, 18, 'namespaces create anna'],
  [15, 18, 'namespace c bob'],
  [15, 18, 'ns new carl'],
  [15, 18, 'user create dora'],
  [19, 30, 'users create anna'],
  [19, 30, 'user c bob'],
  [19, 28, 'namespaces new carl'],
  [24, 30, 'users create emma -d Name -e emma@example.com -p https://example.com/e.png'],
  [15, 18, 'namespaces list'],
  [15, 30, 'users ls'],
  [15, 30, 'users show -o json'],
  [15, 18, 'namespaces rename bob fred'],
  [19, 23, 'users mv bob fred'],
  [24, 30, 'users rename -i 3 -r fred'],
  [24, 30, 'users mv -n fred -r gina'],
  [15, 18, 'namespaces destroy carl --force'],
  [19, 23, '--force users destroy carl'],
  [24, 28, 'users destroy -n carl --force'],
  [15, 18, 'nodes list -n anna'],
  [19, 30, 'nodes list -u anna'],
  [15, 30, 'nodes ls -ojson'],
  [16, 27, 'machines list -t'],
  [15, 30, '-o json nodes list'],
  [15, 30, 'nodes list -o=yaml'],
  [15, 30, 'nodes expire -i 1'],
  [15, 30, 'nodes logout -i1'],
  [16, 30, 'nodes rename -i 1 renamed'],
  [18, 25, 'routes list'],
  [15, 25, 'routes ls -i 1'],
  [15, 17, 'routes enable -i 1 -r 10.0.0.0/8'],
  [16, 17, 'routes enable -i 1 -a'],
  [15, 17, 'nodes routes list -i 1'],
  [15, 17, 'nodes routes enable -i 1 -r 10.0.0.0/8'],
  [18, 25, 'routes enable -r 1'],
  [18, 25, 'r disable -r 1'],
  [26, 30, 'nodes list-routes'],
  [26, 30, 'nodes lsr -i 1'],
  [26, 30, 'nodes routes'],
  [26, 30, 'nodes routes -i 1'],
  [26, 30, 'nodes routes -o json'],
  [24, 30, 'users list -i 1'],
  [24, 30, 'users list -n anna'],
  [24, 30, 'users list -e emma@example.com'],
  [15, 18, 'nodes show -n anna'],
  [26, 30, 'nodes approve-routes -i 1 -r 10.0.0.0/8'],
  [16, 18, 'nodes move -i 1 -n fred'],
  [19, 23, 'nodes mv -i 1 -u fred'],
  [26, 27, 'nodes move -i 1 -u 2'],
  [16, 27, 'nodes tag -i 1 -t tag:a,tag:b'],
  [16, 27, 'nodes tags -i 1 -t tag:a -t tag:b'],
  [23, 30, 'nodes backfillips --force'],
  [15, 18, '-n anna preauthkeys list'],
  [15, 18, 'preauthkeys -n anna create --reusable'],
  [19, 25, 'preauthkeys -u anna create -e 24h'],
  [26, 30, 'preauthkeys create -u 1 --reusable --ephemeral -e 90d'],
  [17, 27, 'pre c -u anna --tags tag:x'],
  [19, 25, 'authkey ls -u anna'],
  [26, 27, 'preauthkeys list -u 1'],
  [28, 30, 'preauthkeys list'],
  [28, 30, 'preauthkeys expire -i 1'],
  [28, 30, 'preauthkeys d -i 1'],
  [15, 30, 'apikeys create'],
  [15, 30, 'api c -e 30d'],
  [15, 30, 'apikeys ls'],
  [28, 29, 'apikeys expire -i 1'],
  [28, 29, 'apikeys del -i 1'],
  [24, 30, 'policy get'],
  [24, 30, 'policy show'],
  [15, 30, 'nodes del -i 1 --force'],
  [15, 30, 'version'],
  [15, 30, '-o json version'],
  [15, 30, 'completion bash'],
  [15, 30, 'completion zsh --no-descriptions'],
  [27, 30, 'health'],
  [27, 30, 'health -o json'],
]

describe.for(['0.15', '0.17', '0.18', '0.22', '0.25', '0.26', '0.28', '0.29', '0.30'])('headscale %s', (release) => {
  const minor = Number(release.slice(2))
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({
      release,
      via: minor >= 30 ? 'REST' : 'socket',
      seed: {
        users: [{name: 'default'}],
        nodes: [{name: 'router', user: 'default', routes: ['10.0.0.0/8']}],
        ...(minor >= 23 && {policy: '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'}),
      },
    })
  })
  afterAll(() => server.close())

  test.for(LINES.filter(([from, to]) => from <= minor && minor <= to).map(([, , line]) => line))('%s', async (line) => {
    const {status, stderr} = await runHere(line.split(' '), {env: server.env})
    expect([status, stderr.match(/^error: .*/m)?.[0] ?? null]).toEqual([0, null])
  })
})
