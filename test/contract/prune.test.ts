/**
 * `prune` and `nodes dedupe` on every server: what they choose, what they leave alone, and that a dry run, a question
 * that nobody answers and an empty choice send nothing.
 */
import {beforeEach, describe, expect, test} from 'vitest'
import type {
  ApiKeyDocument,
  DryRunDocument,
  NodeDocument,
  PreAuthKeyDocument,
} from '../../src/render/document/schemas.ts'
import {useFixture} from '../support/fixture.ts'
import {LONG_SUITE_SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})
  const nodes = () => server.json<NodeDocument[]>('nodes', 'list')
  const names = async () => (await nodes()).map(({givenName, name}) => givenName ?? name)
  const writes = () => server.recorder.changes().map(({call}) => call)
  beforeEach(() => void writes())

  /** Ids and actions of a dry run. */
  async function planned(...line: string[]): Promise<string[]> {
    const {status, stdout} = await server.run([...line, '--dry-run', '-o', 'json'])
    expect([status, writes()]).toEqual([0, []])
    return (JSON.parse(stdout) as DryRunDocument).changes.map(({action, name}) => `${action} ${name}`)
  }

  async function join(name: string, user = 'beta'): Promise<void> {
    const made = await server.json<{registrationKey: string}>('debug', 'create-node', '--name', name, '-u', user)
    expect((await server.run(['nodes', 'register', '-u', user, '--key', made.registrationKey])).status).toBe(0)
    writes()
  }

  describe('nodes prune', () => {
    const line = ['nodes', 'prune', '--offline-for', '1ms']

    test('deletes no node that was offline for a short time', async () => {
      const {status, stdout, stderr} = await server.run(['nodes', 'prune', '--force'])
      expect([status, stdout, stderr]).toEqual([0, '', 'nothing to change: no nodes match\n'])
      expect(writes()).toEqual([])
    })

    test('sends nothing in a dry run, and without a confirmation', async () => {
      expect(await planned(...line)).toEqual(['delete n1', 'delete n2', 'delete n3'])
      const {code, message} = await server.error(...line)
      expect([code, message]).toEqual(['needs-confirmation', expect.stringContaining('3 nodes')])
      const asked = await server.run(line, false)
      expect(asked).toMatchObject({status: 9, stdout: ''})
      expect(asked.stderr).toMatch(/n1 +\| alpha +\| 10\.1\.0\.\d +\| delete: (?:offline for|never seen, registered) /)
      expect(asked.stderr).toContain('? Do you want to delete 3 nodes?\n')
      expect((await server.error(...line, '--max', '2', '--force')).exitCode).toBe(6)
      expect(writes()).toEqual([])
    })

    test('takes selectors, and knows an unknown user', async () => {
      expect(await planned(...line, '--name', 'n[2')).toEqual([])
      expect(await planned(...line, '--name', '*2')).toEqual(['delete n2'])
      expect((await server.error(...line, '--user', 'nobody')).exitCode).toBe(3)
      expect((await server.error(...line, '--online')).exitCode).toBe(2)
      expect((await server.error('nodes', 'prune', 'n1')).exitCode).toBe(2)
    })

    test.skipIf(spec.line === '0.15')('leaves tagged nodes alone', async () => {
      expect((await server.run(['nodes', 'tag', 'n3', '-t', 'tag:ci'])).status).toBe(0)
      writes()
      const {stderr} = await server.run([...line, '--dry-run'])
      expect(stderr).toContain('note: left alone: 1 tagged node (--include-tagged includes them)\n')
      expect(await planned(...line)).toEqual(['delete n1', 'delete n2'])
      expect(await planned(...line, '--include-tagged')).toEqual(['delete n1', 'delete n2', 'delete n3'])
      expect((await server.error(...line, '--tag', 'tag:ci')).exitCode).toBe(2)
      expect(await planned(...line, '--include-tagged', '--tag', 'tag:ci')).toEqual(['delete n3'])
    })

    test('leaves nodes with approved routes alone', async ({skip}) => {
      if (!server.canHaveRoutes) skip('a fake client has no routes here')
      const anyway = server.offers.length > 0 ? [] : ['--allow-unadvertised']
      expect((await server.run(['routes', 'enable', '-i', 'n1', '-r', '10.0.0.0/24', ...anyway])).status).toBe(0)
      writes()
      const all = [...line, '--include-tagged']
      const {stderr} = await server.run([...all, '--dry-run'])
      expect(stderr).toContain('note: left alone: 1 node with approved routes (--include-routers includes them)\n')
      expect(await planned(...all)).toEqual(['delete n2', 'delete n3'])
      expect(await planned(...all, '--include-routers')).toEqual(['delete n1', 'delete n2', 'delete n3'])
    })

    test('deletes nodes, and prints them', async () => {
      await join('old')
      const {status, stdout} = await server.run([...line, '--user', 'beta', '--force'])
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^deleted node old \(id 4, beta, .*\): .+\n$/)])
      await join('older')
      const deleted = await server.json<NodeDocument[]>(...line, '--user', 'beta', '--force')
      expect(deleted.map(({name}) => name)).toEqual(['older'])
      expect(await names()).toEqual(['n1', 'n2', 'n3'])
    })
  })

  describe('nodes dedupe', () => {
    test('finds no duplicates by their machine keys', async () => {
      await join('nas')
      await join('nas')
      const {status, stderr} = await server.run(['nodes', 'dedupe', '--force'])
      expect([status, stderr]).toEqual([0, 'nothing to change: no duplicate nodes match\n'])
      expect(writes()).toEqual([])
    })

    test('keeps the newest of a name, and gives it the clean name', async () => {
      const [first, second] = (await nodes()).filter(({name}) => name === 'nas')
      const suffixed = second!.givenName ?? 'nas'
      const renames = suffixed !== 'nas'
      expect(renames).toBe(server.capabilities.givenNames)
      const line = ['nodes', 'dedupe', '--by-name']
      expect(await planned(...line)).toEqual(['delete nas', ...(renames ? [`rename ${suffixed}`] : [])])
      expect(await planned(...line, '--keep-names')).toEqual(['delete nas'])
      expect(await planned(...line, '--user', 'alpha')).toEqual([])
      expect((await server.run(line, false)).status).toBe(9)
      expect(writes()).toEqual([])
      const {status, stdout} = await server.run([...line, '--force'])
      expect(status).toBe(0)
      expect(stdout).toContain(`deleted node nas (id ${first!.id}, `)
      expect(stdout).toContain(`duplicate of ${suffixed} (id ${second!.id}, `)
      const left = (await nodes()).filter(({name}) => name === 'nas')
      expect(left.map(({id, givenName}) => [id, givenName ?? 'nas'])).toEqual([[second!.id, 'nas']])
      expect((await server.run(['nodes', 'delete', second!.id, '--force'])).status).toBe(0)
    })

    test('keeps the suffix while another node has the name', async ({skip}) => {
      if (!server.capabilities.givenNames) skip('nodes have no given names here')
      await join('nas', 'alpha')
      await join('nas')
      await join('nas')
      const {status, stderr} = await server.run(['nodes', 'dedupe', '--by-name', '--dry-run'])
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(/warning: nas-\w+ keeps its name: nas \(id \d+, alpha, /),
      ])
      expect(await planned('nodes', 'dedupe', '--by-name')).toEqual([expect.stringMatching(/^delete nas-/)])
      const ids = (await nodes()).filter(({name}) => name === 'nas').map(({id}) => id)
      expect((await server.run(['nodes', 'delete', ...ids, '--force'])).status).toBe(0)
    })
  })

  describe('preauthkeys prune', () => {
    test('deletes expired keys, where keys can be deleted', async () => {
      for (let i = 0; i < 3; i++) expect((await server.run(['preauthkeys', 'create', '-u', 'beta'])).status).toBe(0)
      const keys = await server.json<PreAuthKeyDocument[]>('preauthkeys', 'list', '-u', 'beta')
      const [expired, ...valid] = keys.map(({id}) => id)
      expect((await server.run(['preauthkeys', 'expire', '-u', 'beta', expired!])).status).toBe(0)
      writes()
      if (!server.capabilities.preAuthKeysHaveIds) {
        const {code, exitCode, message} = await server.error('preauthkeys', 'prune', '--force')
        expect([code, exitCode]).toEqual(['unsupported-by-server', 8])
        expect(message).toContain('"preauthkeys prune" needs headscale 0.28 or later')
        expect(writes()).toEqual([])
        return
      }
      expect((await planned('preauthkeys', 'prune')).length).toBe(1)
      expect(await planned('preauthkeys', 'prune', '--user', 'alpha')).toEqual([])
      expect((await server.run(['preauthkeys', 'prune'], false)).status).toBe(9)
      expect(writes()).toEqual([])
      const {status, stdout} = await server.run(['preauthkeys', 'prune', '--force'])
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^deleted pre-auth key .+: expired\n$/)])
      const after = await server.json<PreAuthKeyDocument[]>('preauthkeys', 'list', '-u', 'beta')
      expect(after.map(({id}) => id)).toEqual(valid)
    })
  })

  describe('apikeys prune', () => {
    test('deletes expired keys, where keys can be deleted', async () => {
      const before = (await server.json<ApiKeyDocument[]>('apikeys', 'list')).map(({id}) => id)
      for (let i = 0; i < 2; i++) expect((await server.run(['apikeys', 'create'])).status).toBe(0)
      const created = (await server.json<ApiKeyDocument[]>('apikeys', 'list')).map(({id}) => id).slice(before.length)
      expect((await server.run(['apikeys', 'expire', '-i', created[0]!])).status).toBe(0)
      writes()
      if (!server.capabilities.givenNamesAreUnique) {
        const {code, message} = await server.error('apikeys', 'prune', '--force')
        expect([code, message]).toEqual(['unsupported-by-server', expect.stringContaining('0.23 or later')])
        expect(writes()).toEqual([])
        return
      }
      expect((await planned('apikeys', 'prune')).length).toBe(1)
      expect((await server.run(['apikeys', 'prune'], false)).status).toBe(9)
      expect(writes()).toEqual([])
      const {status, stdout} = await server.run(['apikeys', 'prune', '--force'])
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^deleted API key .+: expired\n$/)])
      expect((await server.json<ApiKeyDocument[]>('apikeys', 'list')).map(({id}) => id)).toEqual([
        ...before,
        created[1],
      ])
    })
  })
})
