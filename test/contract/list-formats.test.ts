/** Formats, columns and order of lists on every server: they agree with the JSON of the same list. */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'
import {smallTailnet} from '../support/tailnets.ts'

interface Item {
  id: string
  name?: string
  givenName?: string | null
  node?: {id: string}
  [field: string]: unknown
}

const LISTS = ['users', 'nodes', 'preauthkeys', 'apikeys']

describe.for(SERVERS)('formats of lists of $label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  const rows = async (line: string) => {
    const {status, stdout, stderr} = await server.run(line.split(' '))
    // The debug pages of the server are not configured.
    const note = /^nodes .*-o wide/.test(line)
      ? /^(?:note: OS, client version and endpoints are unknown: .*\n)?$/
      : /^$/
    expect([line, status, stderr]).toEqual([line, 0, expect.stringMatching(note)])
    return stdout

      .split('\n')
      .filter((row) => row !== '')
  }

  test('every list has a line per item in every format', async () => {
    await server.run(['preauthkeys', 'create', '--user', 'default'])
    await server.run(['preauthkeys', 'create', '--user', 'default', '--reusable'])
    if (server.via === 'socket') await server.run(['apikeys', 'create'])
    for (const list of LISTS) {
      const items = await server.json<Item[]>(list, 'list')
      const ids = items.map(({id}) => id)
      expect(ids.length).toBeGreaterThan(0)
      expect(await rows(`${list} list -o id`)).toEqual(ids)
      expect(await rows(`${list} list -o jsonpath=$[*].id`)).toEqual(ids)
      expect(await rows(`${list} list -o csv --columns id`)).toEqual(['id', ...ids])
      expect(await rows(`${list} list -o tsv --columns id --no-header`)).toEqual(ids)
      expect(await rows(`${list} list --columns id --sort -id`)).toEqual([
        'ID',
        ...ids.toSorted((a, b) => Number(b) - Number(a)),
      ])
      expect(await rows(`${list} list -o name`)).toHaveLength(ids.length)
      for (const format of ['wide', 'csv', 'tsv'])
        expect(await rows(`${list} list -o ${format}`)).toHaveLength(ids.length + 1)
    }
  })

  test('every column of nodes is the field of that name', async () => {
    const [header = '', ...lines] = await rows('nodes list -o tsv')
    const items = await server.json<Item[]>('nodes', 'list')
    const names = header.split('\t')
    const fieldOf = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    for (const [i, line] of lines.entries()) {
      const cells = line.split('\t')
      expect(cells).toHaveLength(names.length)
      for (const [column, name] of names.entries()) {
        const {[fieldOf(name)]: field, name: hostName} = items[i]!
        // On 0.15 it is the only name, and the column shows it.
        const value = name === 'given-name' && field === null ? hostName : field
        if (value === undefined || name === 'user' || name === 'register-method' || name === 'pre-auth-key') continue
        const text = value === null ? '-' : Array.isArray(value) ? value.join(',') : String(value)
        expect([name, cells[column]]).toEqual([name, text])
      }
    }
  })

  test('the name of a node or a user is accepted by commands', async () => {
    const ids = await rows('nodes list -o id')
    for (const [i, name] of (await rows('nodes list -o name')).entries()) {
      // Two clients are called nas, and 0.15 has no other name.
      if (name === 'nas') continue
      expect((await server.json<Item>('nodes', 'show', name)).id).toBe(ids[i])
    }
    for (const name of await rows('users list -o name')) await rows(`nodes list --user ${name} -o id`)
  })

  test('routes have ids only where the server has them', async () => {
    const routes = await server.json<Item[]>('routes', 'list')
    const {status} = await server.run(['routes', 'list', '-o', 'id'])
    const named = routes.length === 0 || server.capabilities.routes === 'rows'
    expect(status).toBe(named ? 0 : 8)
    expect(await rows('routes list -o csv')).toHaveLength(routes.length + 1)
  })
})
