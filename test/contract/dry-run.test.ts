/**
 * A dry run and the run that follows it, on every server: the same exit code, and the objects that the dry run names are
 * those that the run prints. A dry run sends no change.
 */
import {describe, expect, test} from 'vitest'
import type {DryRunDocument} from '../../src/render/document/schemas.ts'
import {useFixture} from '../support/fixture.ts'
import {LONG_SUITE_SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

/** Lines for users alpha and beta and the nodes n1, n2 and n3 of alpha. Each starts from what those before it left. */
const LINES = [
  // Users
  'users create gamma',
  'users create gamma',
  'users create alpha',
  'users create -- -bad-',
  'users rename gamma delta',
  'users rename delta alpha',
  'users rename nobody else',
  'users rename id:99 else',
  'users destroy alpha',
  'users destroy nobody',
  'users destroy delta',
  'users destroy delta',
  'users destroy delta nobody',
  // Nodes
  'nodes expire n1',
  'nodes expire 1 2',
  'nodes expire n1 nope',
  'nodes expire nope',
  'nodes expire 99',
  'nodes expire -i n1 --disable',
  'nodes expire n1 --expiry 2037-01-31T04:00:00Z',
  'nodes expire n1 --expiry tomorrow',
  'nodes expire --user alpha',
  'nodes expire --user nobody',
  'nodes expire --name x*',
  'nodes expire --offline-for 1ms --max 1',
  'nodes rename n3 third',
  'nodes rename -i 3 n3',
  'nodes rename n3 n1',
  'nodes rename n1=one n2=two',
  'nodes rename one=n1 two=n2',
  'nodes rename n1=same n2=same',
  'nodes rename nope other',
  'nodes rename n3 a/b',
  'nodes tag n3 -t tag:ci',
  'nodes tag n3 -t tag:unknown',
  'nodes tag n3 -t nocolon',
  'nodes tag n3 --clear',
  'nodes tag n1 n2 -t tag:prod',
  'nodes tag nope -t tag:ci',
  'nodes tag n3 --add tag:prod',
  'nodes tag n3 --add tag:prod',
  'nodes tag n3 --add tag:unknown',
  'nodes tag n3 --add tag:ci --remove tag:prod',
  'nodes tag n3 --remove tag:ci',
  'nodes tag n1 n2 n3 --add tag:ci --remove tag:prod',
  'nodes tag --name x* --add tag:ci',
  'nodes move n3 --user beta',
  'nodes move n3 --user nobody',
  'nodes move --from-user beta --user alpha',
  // Routes
  'routes enable n1 10.0.0.0/24',
  'routes enable n1 10.0.0.0/24',
  'routes enable n1 10.9.0.0/24',
  'routes enable n1 10.9.0.0',
  'routes enable n1 n2 10.0.0.0/24',
  'routes enable n2 --exit-node',
  'routes enable --all-pending',
  'routes enable nope 10.0.0.0/24',
  'routes disable n1 10.0.0.0/24',
  'routes disable n1 10.9.0.0/24',
  'routes disable n2 --all',
  'routes disable -i 99 -r 10.0.0.0/24',
  'nodes approve-routes n1 -r 10.2.0.0/24',
  'nodes approve-routes n1 n2 -r 10.9.0.0/24',
  'nodes approve-routes nope -r 10.2.0.0/24',
  // Keys
  'preauthkeys create -u alpha',
  'preauthkeys create -u nobody',
  'preauthkeys expire 1',
  'preauthkeys expire 1 99',
  'preauthkeys expire 99',
  'preauthkeys expire --user nobody',
  'preauthkeys delete 1',
  'apikeys expire 99',
  'apikeys expire 98 99',
  'apikeys delete 99',
  'apikeys expire --expired',
  // Deletions
  'preauthkeys prune',
  'preauthkeys prune --user nobody',
  'apikeys prune',
  'nodes dedupe',
  'nodes dedupe --by-name --user nobody',
  'nodes prune',
  'nodes prune --online',
  'nodes prune --tag tag:ci',
  'nodes prune --offline-for 1ms --include-tagged --max 1',
  'nodes prune --offline-for 1ms --include-tagged --include-routers --name n2',
  'nodes delete n1 n2',
  'nodes delete n1 n3',
  'nodes delete n3',
].map((line) => line.split(' '))

test('there are at least 60 lines', () => {
  expect(LINES.length).toBeGreaterThanOrEqual(60)
})

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  test('a dry run and the real run agree', {timeout: 300_000}, async () => {
    server.recorder.changes()
    for (const line of LINES) {
      const name = line.join(' ')
      const end = line.indexOf('--') < 0 ? line.length : line.indexOf('--')
      const add = (...flags: string[]) => [...line.slice(0, end), ...flags, ...line.slice(end)]
      const dry = await server.run(add('--dry-run', '-o', 'json'))
      expect(
        server.recorder.changes().map(({call}) => call),
        `sent by the dry run of ${name}`,
      ).toEqual([])
      const real = await server.run(add('--force', '-o', 'json'))
      const sent = server.recorder.changes().map(({call}) => call)
      expect({line: name, status: dry.status, stderr: dry.stderr}).toMatchObject({line: name, status: real.status})
      if (dry.stdout === '' || !/^(nodes|users) (expire|delete|destroy|rename|tag|move|prune) /.test(name)) continue
      const {changes} = JSON.parse(dry.stdout) as DryRunDocument
      if (changes.length === 0) {
        expect(sent, `sent by ${name}`).toEqual([])
        continue
      }
      const printed = [JSON.parse(real.stdout)].flat() as {id: string}[]
      expect({line: name, ids: changes.map(({id}) => id)}).toEqual({line: name, ids: printed.map(({id}) => id)})
    }
  })
})
