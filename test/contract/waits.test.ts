/** Waiting for nodes and watching them, on every server: what holds already, what appears meanwhile, what never does. */
import {describe, expect, test} from 'vitest'
import {SCHEMAS} from '../../src/render/document/schemas.ts'
import {useFixture} from '../support/fixture.ts'
import {runHere} from '../support/program.ts'
import {LONG_SUITE_SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

interface NodeJson {
  name: string
  expiry: string | null
}

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  test('a state that holds already ends the wait at once, and nothing is changed', async () => {
    const node = await server.json<NodeJson>('nodes', 'wait', 'n1', '--for', 'available=10.0.0.1/24')
    expect(node).toEqual(await server.json('nodes', 'show', 'n1'))
    const selected = await server.json<NodeJson[]>('nodes', 'wait', '--route', '::/0', '--for', 'available=0.0.0.0/0')
    expect(selected.map(({name}) => name)).toEqual(['n2'])
    expect(server.recorder.changes()).toEqual([])
  })

  test('a node that does not exist, and a state that does not come, end in status 11', async () => {
    const {code, message, exitCode} = await server.error(
      'nodes',
      'wait',
      'n1',
      'ghost',
      '--for',
      'expired',
      '--timeout',
      '300ms',
    )
    expect([code, exitCode, message]).toEqual([
      'wait-timeout',
      11,
      'timed out after 300ms: node "ghost" not found; the key of n1 (id 1) has not expired',
    ])
  })

  test('an unknown user, and a malformed state, end the wait at once', async () => {
    expect(await server.error('nodes', 'wait', '--user', 'nobody', '--for', 'online')).toMatchObject({
      code: 'not-found',
    })
    expect(await server.error('nodes', 'wait', 'n1', '--for', 'route=10')).toMatchObject({code: 'usage'})
  })

  test('a change that another makes ends the wait', async () => {
    const waiting = server.json<NodeJson>('nodes', 'wait', 'n3', '--for', 'expired', '--interval', '100ms')
    await server.json('nodes', 'expire', 'n3')
    const {expiry} = await waiting
    expect(Date.parse(expiry!)).toBeLessThanOrEqual(Date.now())
  })

  test('health --wait answers as health does', async () => {
    expect(await server.json('health', '--wait', '5s')).toEqual({databaseConnectivity: true})
    expect((await server.run(['health', '--wait', '5s'])).stdout).toBe((await server.run(['health'])).stdout)
  })

  test('nodes watch prints changes by others, and sends no change itself', async () => {
    const {capabilities} = server
    const steps = [
      ...(capabilities.givenNames ? [['nodes', 'rename', 'n2', 'exit']] : []),
      ['nodes', 'expire', 'n2'],
      ...(server.canHaveRoutes ? [['routes', 'enable', 'n1', '10.0.0.0/24']] : []),
      ['nodes', 'delete', 'n2', '--force'],
    ]
    let press = () => {}
    const changes: unknown[] = []
    server.recorder.changes()
    const {status, stdout} = await runHere(['nodes', 'watch', '-o', 'json-line'], {
      env: server.env,
      interrupt: (given) => (press = given),
      async sleep() {
        changes.push(...server.recorder.changes())
        const step = steps.shift()
        if (step) expect(await server.run(step)).toMatchObject({status: 0})
        else press()
        server.recorder.changes()
      },
    })
    expect([status, changes]).toEqual([130, []])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as {type: string; node: NodeJson; route: string | null})
    for (const event of events) expect(SCHEMAS['node-event']!.parse(event)).toEqual(event)
    const seen = events.map(({type, node, route}) => `${type} ${route ?? node.name}`)
    expect(seen.filter((text) => !text.startsWith('route-serving') && !text.startsWith('offline'))).toEqual([
      ...(capabilities.givenNames ? ['renamed n2'] : []),
      'expired n2',
      ...(server.canHaveRoutes ? ['route-approved 10.0.0.0/24'] : []),
      'left n2',
    ])
  })
})
