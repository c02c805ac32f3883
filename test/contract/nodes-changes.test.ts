/**
 * Commands that change one node, on every server: it is found by any of its names, shown, renamed, tagged, expired and
 * deleted, and no other node changes. Changes that a release does not have are skipped.
 */
import {beforeAll, describe, expect, test} from 'vitest'
import {SERVERS} from '../support/servers.ts'
import {useFixture} from '../support/fixture.ts'
import {smallTailnet} from '../support/tailnets.ts'

interface NodeJson {
  id: string
  name: string
  givenName: string | null
  ipAddresses: string[]
  user: {name: string} | null
  tags: string[]
  expiry: string | null
}

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  let word: 'Machine' | 'Node'
  beforeAll(async () => {
    word = server.capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'
  })

  const json = <T>(...argv: string[]) => server.json<T>(...argv)
  const list = () => json<NodeJson[]>('nodes', 'list')
  /** All nodes but one, without the fields that change by themselves. */
  const others = async (id: string) =>
    (await list())
      .filter((node) => node.id !== id)
      .map(({name, givenName, tags, expiry}) => [name, givenName, tags, expiry])

  test('a node is found by id, name, address and selector', async () => {
    const [router, first] = await list()
    const names = ['1', 'id:1', 'router', 'name:router', router!.ipAddresses[0]!, 'router.example.com']
    for (const name of names) {
      const shown = await json<NodeJson>('nodes', 'show', name)
      expect([name, shown.id, shown.name]).toEqual([name, '1', 'router'])
    }
    expect((await json<NodeJson>('nodes', 'show', '-i', 'name:97')).id).toBe('4')
    if (server.capabilities.givenNames) {
      expect((await json<NodeJson>('nodes', 'show', 'first')).id).toBe(first!.id)
    }
  })

  test('nodes show without a node lists all nodes', async () => {
    expect((await json<NodeJson[]>('nodes', 'show')).map(({id}) => id)).toEqual(['1', '2', '3', '4'])
  })

  test('a given name takes precedence over a host name', async ({skip}) => {
    if (!server.capabilities.givenNames) skip('nodes of this release have one name')
    expect(await server.run(['nodes', 'rename', '-i', '2', 'gateway'])).toEqual({
      status: 0,
      stdout: `${word} renamed\n`,
      stderr: '',
    })
    expect(await json<NodeJson>('nodes', 'rename', '-i', 'gateway', 'nas')).toMatchObject({
      id: '2',
      givenName: 'nas',
      name: 'nas',
    })
    // Node 3's client is called nas too.
    expect((await json<NodeJson>('nodes', 'show', 'nas')).id).toBe('2')
    await server.run(['nodes', 'rename', '-i', '2', 'first'])
  })

  test('nodes expire expires only that node, now', async () => {
    const before = await others('3')
    expect(await server.run(['nodes', 'expire', '-i', '3'])).toEqual({
      status: 0,
      stdout: `${word} expired\n`,
      stderr: '',
    })
    const {expiry} = await json<NodeJson>('nodes', 'show', '3')
    expect(Math.abs(Date.now() - Date.parse(expiry!))).toBeLessThan(60_000)
    expect((await server.run(['nodes', 'list'])).stdout).toMatch(/^3 .* yes$/m)
    expect(await others('3')).toEqual(before)
  })

  test('sets an expiry time if the server can', async ({skip}) => {
    if (!server.capabilities.expiryTime) skip('this release can expire nodes only now')
    const line = ['nodes', 'expire', '-i', '3', '--expiry', '2037-01-31T12:00:00+08:00']
    expect(await json<NodeJson>(...line)).toMatchObject({id: '3', expiry: '2037-01-31T04:00:00Z'})
    expect(await server.run(line)).toEqual({status: 0, stdout: 'Node expiration updated\n', stderr: ''})
  })

  test('disables the expiry if the server can', async ({skip}) => {
    if (!server.capabilities.expiryOff) skip('this release cannot disable the expiry')
    expect(await server.run(['nodes', 'expire', '-i', '3', '--disable'])).toEqual({
      status: 0,
      stdout: 'Node expiry disabled\n',
      stderr: '',
    })
    expect((await json<NodeJson>('nodes', 'show', '3')).expiry).toBe(null)
  })

  test('nodes tag replaces the tags', async ({skip}) => {
    const {givenNames, tagsArePermanent} = server.capabilities
    if (!givenNames || tagsArePermanent) skip('no tags, or only those of a policy')
    const tag = (...more: string[]) => json<NodeJson>('nodes', 'tag', '-i', '1', ...more)
    expect((await tag('-t', 'tag:router')).tags).toEqual(['tag:router'])
    expect((await tag('-t', 'tag:b,tag:a')).tags.toSorted()).toEqual(['tag:a', 'tag:b'])
    expect((await server.run(['nodes', 'list', '-t'])).stdout).toMatch(/^ID .* \| Tags\n1 .*tag:a/)
    expect(await server.run(['nodes', 'tag', '-i', '1', '--clear', '--force'])).toEqual({
      status: 0,
      stdout: `${word} updated\n`,
      stderr: '',
    })
    expect((await json<NodeJson>('nodes', 'show', '1')).tags).toEqual([])
  })

  test('a dry run of each change changes nothing', async () => {
    const before = await server.snapshot()
    const lines = [
      ['expire', '-i', '1'],
      ['delete', '-i', '1'],
      ...(server.capabilities.givenNames ? [['rename', '-i', '1', 'gateway']] : []),
      // From 0.28 on a tag must be in the policy, and there is none.
      ...(server.capabilities.clearsTags ? [['tag', '-i', '1', '-t', 'tag:a']] : []),
    ]
    for (const line of lines) {
      const {status, stdout, stderr} = await server.run(['nodes', ...line, '--dry-run'])
      expect([status, stdout]).toEqual([0, ''])
      expect(stderr).toMatch(/^(warning: .*\n)?would [a-z]+ node router \(id 1, default, .*\).*\n$/)
    }
    expect(await server.snapshot()).toEqual(before)
  })

  test('nodes delete asks; no keeps the node, yes deletes only that node', async () => {
    const before = await server.snapshot()
    const declined = await server.run(['nodes', 'delete', '-i', '2'], false)
    expect([declined.status, declined.stdout]).toEqual([9, ''])
    const [question, ...answer] = declined.stderr.split('\n')
    const name = server.capabilities.givenNames ? 'first' : 'nas'
    expect(question).toMatch(
      new RegExp(
        `^\\? Do you want to remove the node ${name} \\(id 2, default, 10\\.1\\.\\d+\\.\\d+, (on|off)line\\)\\?$`,
      ),
    )
    expect(answer).toEqual([
      'error: declined; nothing was changed',
      'hint: run the command again and answer y, or add --force',
      '',
    ])
    expect(await server.snapshot()).toEqual(before)

    const left = await others('2')
    expect(await server.run(['nodes', 'delete', '-i', '2'], true)).toMatchObject({status: 0, stdout: 'Node deleted\n'})
    expect(await others('2')).toEqual(left)
    expect((await list()).map(({id}) => id)).toEqual(['1', '3', '4'])
  })

  test('--force and -y skip the question; the printed node is the deleted one', async () => {
    expect(await server.run(['nodes', 'delete', '-i', '3', '--force'])).toEqual({
      status: 0,
      stdout: 'Node deleted\n',
      stderr: '',
    })
    expect(await json<NodeJson>('nodes', 'delete', '-i', '4', '-y')).toMatchObject({id: '4', name: '97'})
    expect((await list()).map(({id}) => id)).toEqual(['1'])
  })
})
