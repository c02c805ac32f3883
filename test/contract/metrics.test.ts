/** Metrics on every server: they agree with the lists, and have what the release reports and nothing else. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {SCHEMAS} from '../../src/render/document/schemas.ts'
import {readExposition} from '../support/exposition.ts'
import {useFixture} from '../support/fixture.ts'
import {scratchFolder} from '../support/program.ts'
import {SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

interface NodeJson {
  id: string
  name: string
  lastSeen: string | null
  expiry: string | null
  online: boolean
  approvedRoutes: string[]
  availableRoutes: string[]
  subnetRoutes: string[] | null
}

interface KeyJson {
  id: string
  expiration: string | null
  prefix: string
}

const seconds = (time: string | null) => time && Date.parse(time) / 1000

describe.for(SERVERS)('metrics of $label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  test('the numbers are those of the lists', async () => {
    await server.run(['preauthkeys', 'create', '--user', 'alpha', '--reusable', '--expiration', '1d'])
    if (server.via === 'socket') await server.run(['apikeys', 'create'])
    await server.run(['nodes', 'expire', 'n3'])
    if (server.canHaveRoutes) await server.run(['routes', 'enable', 'n1', '10.0.0.0/24'])
    const [users, nodes, preAuthKeys, apiKeys] = [
      await server.json<object[]>('users', 'list'),
      await server.json<NodeJson[]>('nodes', 'list'),
      await server.json<KeyJson[]>('preauthkeys', 'list'),
      await server.json<KeyJson[]>('apikeys', 'list'),
    ]
    server.recorder.changes()
    const {status, stdout, stderr} = await server.run(['metrics'])
    expect([status, stderr, server.recorder.changes()]).toEqual([0, '', []])
    const metrics = readExposition(stdout)
    /** The values of a metric by label: `{n1: 1}`. */
    const values = (name: string, label = 'id') => {
      const samples = metrics.get(`headscale_ts_${name}`)?.samples ?? []
      return Object.fromEntries(samples.map(({labels, value}) => [labels[label] ?? '', value]))
    }
    const expected = <T extends {id: string}>(items: T[], value: (item: T) => number | string | null) =>
      Object.fromEntries(items.flatMap((item) => (value(item) === null ? [] : [[item.id, value(item)]])))

    for (const [name, list] of Object.entries({users, nodes, preauthkeys: preAuthKeys, apikeys: apiKeys})) {
      expect([name, values(name)]).toEqual([name, {'': list.length}])
      expect(list.length).toBeGreaterThan(0)
    }
    const {reportsOnline} = server.capabilities
    expect(values('node_online')).toEqual(expected(nodes, ({online}) => (reportsOnline ? Number(online) : null)))
    expect(values('node_last_seen_timestamp_seconds')).toEqual(expected(nodes, ({lastSeen}) => seconds(lastSeen)))
    expect(values('node_key_expiry_timestamp_seconds')).toEqual(expected(nodes, ({expiry}) => seconds(expiry)))
    expect(values('node_available_routes')).toEqual(expected(nodes, ({availableRoutes}) => availableRoutes.length))
    expect(values('node_approved_routes')).toEqual(expected(nodes, ({approvedRoutes}) => approvedRoutes.length))
    expect(values('node_serving_routes')).toEqual(
      expected(nodes, ({subnetRoutes}) => subnetRoutes && subnetRoutes.length),
    )
    if (server.offers.length > 0)
      expect(values('node_pending_routes')).toMatchObject({1: server.canHaveRoutes ? 1 : 2, 3: 0})
    expect(values('preauthkey_expiry_timestamp_seconds')).toEqual(
      expected(preAuthKeys, ({expiration}) => seconds(expiration)),
    )
    expect(values('apikey_expiry_timestamp_seconds', 'prefix')).toEqual(
      Object.fromEntries(apiKeys.map(({prefix, expiration}) => [prefix, seconds(expiration)])),
    )
    expect(metrics.get('headscale_ts_server_info')!.samples[0]!.labels.releases).toContain(spec.line.slice(0, 4))
  })

  test('the document and the file have the same', async () => {
    const document = await server.json<{name: string; samples: object[]}[]>('metrics')
    expect(SCHEMAS.metrics!.parse(document)).toEqual(document)
    const file = join(scratchFolder(), 'headscale.prom')
    expect(await server.json('metrics', '--output-file', file)).toEqual({file, changed: true})
    const metrics = readExposition(readFileSync(file, 'utf8'))
    const withSamples = document.filter(({samples}) => samples.length > 0)
    expect([...metrics].map(([name, {samples}]) => [name, samples.length])).toEqual(
      withSamples.map(({name, samples}) => [name, samples.length]),
    )
  })
})
