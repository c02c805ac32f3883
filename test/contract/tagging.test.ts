/**
 * `nodes tag --add` and `--remove` on every server: other tags stay, nothing is sent where nothing changes, and a node
 * that would leave its user is named before it does.
 */
import {beforeEach, describe, expect, test} from 'vitest'
import type {NodeDocument} from '../../src/render/document/schemas.ts'
import {useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})
  const tags = async () => (await server.json<NodeDocument[]>('nodes', 'list')).map((node) => node.tags.toSorted())
  const writes = () => server.recorder.changes().map(({call}) => call)
  beforeEach(() => void [writes(), server.recorder.requests()])

  test('checks the flags before anything is sent', async () => {
    for (const flags of [
      [],
      ['--add', 'tag:ci', '-t', 'tag:prod'],
      ['--remove', 'tag:ci', '--clear'],
      ['--add', 'tag:ci', '--remove', 'tag:ci'],
      ['--add', ''],
    ]) {
      expect((await server.error('nodes', 'tag', 'n1', ...flags)).exitCode, flags.join(' ')).toBe(2)
    }
    expect(server.recorder.requests()).toBe(0)
  })

  test.runIf(spec.line === '0.15')('is exit 8 where nodes have no tags', async () => {
    const {exitCode, message} = await server.error('nodes', 'tag', 'n1', '--add', 'tag:ci', '--force')
    expect([exitCode, message]).toEqual([8, expect.stringContaining('"nodes tag --add" needs headscale 0.16 or later')])
    expect(writes()).toEqual([])
  })

  describe.skipIf(spec.line === '0.15')('a node', () => {
    test('asks before it leaves its user', async ({skip}) => {
      if (!server.capabilities.tagsArePermanent) skip('a tagged node keeps its user here')
      const line = ['nodes', 'tag', 'n1', '--add', 'tag:ci']
      const {status, stderr} = await server.run(line, false)
      expect(status).toBe(9)
      expect(stderr).toContain(
        'warning: n1 permanently leaves user alpha: on this server a tagged node belongs to its tags\n' +
          `? Do you want to add tag:ci to ${server.nodeText('1', 'n1')}?\n`,
      )
      expect((await server.run(line)).status).toBe(9)
      const unknown = await server.error('nodes', 'tag', 'n1', '--add', 'tag:nobody', '--force')
      expect([unknown.exitCode, unknown.message]).toEqual([6, expect.stringContaining('tag:nobody')])
      expect(writes()).toEqual([])
    })

    test('gets and loses tags, and keeps the others', async () => {
      const dry = await server.run(['nodes', 'tag', 'n1', '--add', 'tag:ci', '--dry-run'])
      expect([dry.status, dry.stderr]).toEqual([0, expect.stringContaining('would tag node n1 (id 1, ')])
      expect(writes()).toEqual([])
      expect((await server.run(['nodes', 'tag', 'n1', '--add', 'tag:ci', '--force'])).status).toBe(0)
      const more = await server.run(['nodes', 'tag', 'n1', '--add', 'tag:prod,tag:ci'])
      expect([more.status, more.stderr]).toEqual([0, ''])
      expect(await tags()).toEqual([['tag:ci', 'tag:prod'], [], []])
      const less = await server.run(['nodes', 'tag', 'n1', '--remove', 'tag:ci'])
      expect([less.status, less.stderr]).toEqual([0, ''])
      expect(await tags()).toEqual([['tag:prod'], [], []])
    })

    test('that has its tags already is not changed', async () => {
      const {status, stdout} = await server.run(['nodes', 'tag', 'n1', '--add', 'tag:prod', '--remove', 'tag:ci'])
      expect([status, stdout]).toEqual([0, expect.stringContaining('not changed: it has these tags already\n')])
      const dry = await server.run(['nodes', 'tag', 'n1', '--add', 'tag:prod', '--dry-run'])
      expect([dry.status, dry.stderr]).toEqual([0, 'nothing to change\n'])
      expect(writes()).toEqual([])
    })

    test('loses its last tag only where it can', async () => {
      const line = ['nodes', 'tag', 'n1', '--remove', 'tag:prod']
      if (server.capabilities.clearsTags) {
        expect((await server.run(line, false)).status).toBe(9)
        expect(writes()).toEqual([])
        expect((await server.run([...line, '--force'])).status).toBe(0)
        expect((await tags())[0]).toEqual([])
        return
      }
      const {exitCode, message} = await server.error(...line, '--force')
      expect([exitCode, message]).toEqual([6, 'n1 would lose its last tag, tag:prod'])
      expect(writes()).toEqual([])
    })
  })

  test.skipIf(spec.line === '0.15')('several nodes change together, each from its own tags', async () => {
    const line = ['nodes', 'tag', '--name', 'n*', '--add', 'tag:ci']
    const asked = await server.run(line, false)
    expect([asked.status, asked.stderr]).toEqual([9, expect.stringContaining('? Do you want to tag 3 nodes?\n')])
    expect(asked.stderr.includes('n2 permanently leaves user alpha')).toBe(server.capabilities.tagsArePermanent)
    expect((await server.error(...line)).code).toBe('needs-confirmation')
    expect(writes()).toEqual([])
    expect((await server.run([...line, '--force'])).status).toBe(0)
    const [first, ...others] = await tags()
    expect([first!.includes('tag:ci'), others]).toEqual([true, [['tag:ci'], ['tag:ci']]])
    writes()
    const again = await server.run([...line, '--force'])
    expect([again.status, again.stderr]).toEqual([0, 'nothing to change: it is already so\n'])
    expect(writes()).toEqual([])
  })
})
