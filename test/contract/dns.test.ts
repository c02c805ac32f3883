/** DNS records on every server: names of nodes, aliases by every form of a node, and nodes that cannot have a record. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {useFixture} from '../support/fixture.ts'
import {scratchFolder} from '../support/program.ts'
import {SERVERS} from '../support/servers.ts'
import {smallTailnet} from '../support/tailnets.ts'

interface DnsRecord {
  name: string
  type: 'A' | 'AAAA'
  value: string
}

interface NodeJson {
  id: string
  name: string
  givenName: string | null
  ipAddresses: string[]
}

describe.for(SERVERS)('dns render on $label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet(), recorded: true})
  const nodes = () => server.json<NodeJson[]>('nodes', 'list')
  /** What a record for each address of a node looks like. */
  const records = (name: string, {ipAddresses}: NodeJson) =>
    ipAddresses.map((value) => ({name, type: value.includes(':') ? 'AAAA' : 'A', value}))

  test('every node with a name of its own has its addresses, and the output is the same file each time', async () => {
    const all = await nodes()
    const line = ['dns', 'render', '--domain', 'Internal.Example.com.']
    const {status, stdout, stderr} = await server.run(line)
    const unique = all.filter(({name}) => server.capabilities.givenNames || name !== 'nas')
    const expected = unique
      .flatMap((node) => records(`${node.givenName ?? node.name}.internal.example.com`, node))
      .toSorted((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1))
    expect(JSON.parse(stdout)).toEqual(expected)
    const shared = `no record for ${server.nodeText('2', 'nas')} and ${server.nodeText('3', 'nas')}: they have the same name`
    expect([status, stderr]).toEqual([0, server.capabilities.givenNames ? '' : `warning: ${shared}\n`])
    expect((await server.run(line)).stdout).toBe(stdout)
    expect(server.recorder.changes()).toEqual([])
  })

  test('aliases name nodes by name, id and address, of selected nodes and others', async () => {
    const [router, second, , last] = await nodes()
    const address = second!.ipAddresses[0]!
    const file = server.file(`"www": router\nb.example.com: [id:4, '${address}']\n`)
    const found = await server.json<DnsRecord[]>('dns', 'render', '--domain', 'x.y', '--name', '97', '--aliases', file)
    expect(found.filter(({type}) => type === 'A')).toEqual(
      [
        ...[last!, second!].flatMap((node) => records('b.example.com', node)),
        ...records('www.x.y', router!),
        ...records('97.x.y', last!),
      ]
        .filter(({type}) => type === 'A')
        .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.value < b.value ? -1 : 1)),
    )
  })

  test('a file is written once, and stays as it is when an alias is wrong or nothing matches', async () => {
    const file = join(scratchFolder(), 'records.json')
    const to = ['--output-file', file]
    const line = ['dns', 'render', '--domain', 'x.y', '--name', 'router', ...to]
    expect(await server.json(...line)).toEqual({file, changed: true})
    expect(await server.json(...line)).toEqual({file, changed: false})
    writeFileSync(file, 'mine')
    const aliases = server.file('a.b: router\nc.d: ghost\n')
    expect(await server.error('dns', 'render', '--aliases', aliases, ...to)).toMatchObject({
      code: 'not-found',
      message: `${aliases}:2:6: node "ghost" not found`,
      line: 2,
      column: 6,
    })
    expect(await server.error('dns', 'render', '--domain', 'x.y', '--name', 'zz*', ...to)).toMatchObject({
      code: 'not-found',
      message: 'no nodes match',
    })
    expect(await server.json(...line)).toEqual({file, changed: true})
  })
})
