/**
 * Changes of many objects in one run, on every server: what is changed, what is reported, and that nothing is sent where
 * nothing may be: a dry run, an empty list, a question that nobody answers, more objects than --max.
 */
import {beforeEach, describe, expect, test} from 'vitest'
import type {DryRunDocument, NodeDocument, PreAuthKeyDocument} from '../../src/render/document/schemas.ts'
import {useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'
import {routedTailnet} from '../support/tailnets.ts'

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})
  const names = async () =>
    (await server.json<NodeDocument[]>('nodes', 'list')).map(({givenName, name}) => givenName ?? name)
  const writes = () => server.recorder.changes().map(({call}) => call)
  beforeEach(() => void writes())

  describe.for([
    ['nodes', 'expire', 'n1', 'n2'],
    ['nodes', 'delete', 'n1', 'n2'],
    ['nodes', 'tag', 'n1', 'n2', '-t', 'tag:ci'],
  ])('%s %s %s %s', (line) => {
    test.skipIf(line[1] === 'tag' && spec.line === '0.15')('sends nothing without a confirmation', async () => {
      const before = await server.snapshot()
      const {code, message} = await server.error(...line)
      expect([code, message]).toEqual(['needs-confirmation', expect.stringContaining('2 nodes')])
      expect((await server.run(line, false)).status).toBe(9)
      expect(writes()).toEqual([])
      expect(await server.snapshot()).toEqual(before)
    })

    test.skipIf(line[1] === 'tag' && spec.line === '0.15')('sends nothing in a dry run, and names both', async () => {
      const {status, stdout} = await server.run([...line, '--dry-run', '-o', 'json'])
      expect(status).toBe(0)
      const {dryRun, changes} = JSON.parse(stdout) as DryRunDocument
      expect(dryRun).toBe(true)
      expect(changes.map(({kind, id, name}) => [kind, id, name])).toEqual([
        ['node', '1', 'n1'],
        ['node', '2', 'n2'],
      ])
      expect(writes()).toEqual([])
    })

    test('changes nothing if there are more than --max', async () => {
      const {code, exitCode, message} = await server.error(...line, '--max', '1', '--force')
      expect([code, exitCode]).toEqual(['invalid-input', 6])
      expect(message).toBe('2 nodes match, more than --max 1; nothing was changed')
      expect(writes()).toEqual([])
    })
  })

  test('an object that is named twice is changed once', async () => {
    const {stdout} = await server.run(['nodes', 'expire', 'n3', '3', '-i', 'n3', '--force'])
    expect(stdout).toMatch(/^expired node n3 \(id 3, .*\) now\n$/)
    expect(writes().length).toBe(1)
  })

  test('expires nodes together and prints them', async () => {
    const {status, stdout, stderr} = await server.run(['nodes', 'expire', 'n1', 'n2', '--force'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^expired node n1 \(id 1, .*\) now\nexpired node n2 \(id 2, .*\) now\n$/)
    const nodes = await server.json<NodeDocument[]>('nodes', 'expire', 'n2', 'n1', '--force')
    expect(nodes.map(({id, expiry}) => [id, expiry !== null])).toEqual([
      ['2', true],
      ['1', true],
    ])
  })

  test('names what is missing, and changes the rest', async () => {
    const outcome = await server.run(['nodes', 'expire', 'nope', 'n1', '--force'])
    expect(outcome).toEqual({
      status: 10,
      stdout: expect.stringMatching(/^expired node n1 .*\n$/),
      stderr:
        'failed: node "nope" not found\n' +
        'error: not all nodes were changed: 1 changed, 1 failed\n' +
        'hint: run the command again for the rest\n',
    })
    const {code, exitCode} = await server.error('nodes', 'expire', 'nope', 'nothing', '--force')
    expect([code, exitCode]).toEqual(['not-found', 3])
  })

  test.skipIf(spec.line === '0.15')('renames several nodes, and not to one name', async () => {
    const swap = await server.run(['nodes', 'rename', 'n1=left', 'n2=right', '--force'])
    expect([swap.status, await names()]).toEqual([0, ['left', 'right', 'n3']])
    const back = await server.run(['nodes', 'rename', 'left=n1', 'right=n2', '--force'])
    expect([back.status, await names()]).toEqual([0, ['n1', 'n2', 'n3']])
    expect((await server.run(['nodes', 'rename', 'n3', 'last'])).status).toBe(0)
    expect((await server.run(['nodes', 'rename', '-i', '3', 'n3'])).status).toBe(0)
    if (!server.capabilities.givenNamesAreUnique) return
    const both = await server.run(['nodes', 'rename', 'n1=same', 'n2=same', '--dry-run'])
    expect([both.status, both.stderr]).toEqual([
      10,
      expect.stringContaining('another node of this run gets the name same'),
    ])
    expect(await names()).toEqual(['n1', 'n2', 'n3'])
  })

  test('an error in JSON names each object that was not changed once, whether others were changed or not', async () => {
    const failed = [{id: null, name: 'nope', code: 'not-found', message: 'node "nope" not found'}]
    for (const others of [['nix'], ['n1']]) {
      for (const more of [['--force'], ['--dry-run']]) {
        const {stderr} = await server.run(['nodes', 'expire', 'nope', ...others, ...more, '-o', 'json'])
        const {error} = JSON.parse(stderr) as {error: {warnings: string[]; failed: object[]}}
        expect(error.warnings).toEqual([])
        expect(error.failed.slice(0, 1)).toEqual(failed)
        expect(error.failed.length).toBe(others[0] === 'nix' ? 2 : 1)
      }
    }
  })

  test('what a release cannot do is said of each object as of one', async ({skip}) => {
    if (server.capabilities.expiryTime) skip('the release takes the time')
    const flags = ['--expiry', '2037-01-31T12:00:00Z', '--force']
    const one = await server.error('nodes', 'expire', 'n1', ...flags)
    expect(one.message).toMatch(/^"nodes expire --expiry" needs headscale 0\.27\.1 or later; /)
    const {code, message, hint} = one
    const {stderr} = await server.run(['nodes', 'expire', 'n1', 'n2', ...flags, '--concurrency', '1', '-o', 'json'])
    const {error} = JSON.parse(stderr) as {error: object}
    const failed = [{id: '1', name: expect.stringMatching(/^node n1 /), code, message}]
    expect(error).toMatchObject({code, hint, failed, notTried: ['2']})
    const text = await server.run(['nodes', 'expire', 'n1', 'n2', ...flags])
    expect(text.stderr).toContain(`: ${message}\n`)
    expect(writes()).toEqual([])
  })

  test('enables routes of several nodes', async ({skip}) => {
    if (!server.canHaveRoutes) skip('a fake client has no routes here')
    const extra = server.offers.length > 0 ? [] : ['--allow-unadvertised']
    const {status, stdout} = await server.run([
      'routes',
      'enable',
      'n1',
      'n2',
      '10.0.0.0/24',
      '--force',
      ...(extra.length > 0 ? extra : []),
    ])
    expect([status, stdout]).toEqual(
      extra.length > 0
        ? [0, expect.stringMatching(/^enabled route 10\.0\.0\.0\/24 of node n1 .*\nenabled route .* of node n2 .*\n$/)]
        : // n2 does not advertise it.
          [10, expect.stringMatching(/^enabled route 10\.0\.0\.0\/24 of node n1 .*\n$/)],
    )
    expect((await server.run(['routes', 'disable', 'n1', 'n2', '--all', '--force'])).status).toBe(0)
  })

  test('expires several keys', async () => {
    for (let i = 0; i < 3; i++) expect((await server.run(['preauthkeys', 'create', '-u', 'alpha'])).status).toBe(0)
    const keys = await server.json<PreAuthKeyDocument[]>('preauthkeys', 'list', '-u', 'alpha')
    const ids = keys.map(({id}) => id)
    writes()
    const {status, stdout} = await server.run(['preauthkeys', 'expire', ...ids, '--force', '-u', 'alpha'])
    expect([status, stdout.trimEnd().split('\n').length]).toEqual([0, ids.length])
    expect(writes().length).toBe(ids.length)
    const after = await server.json<PreAuthKeyDocument[]>('preauthkeys', 'list', '-u', 'alpha')
    expect(after.filter(({expiration}) => new Date(expiration!) > new Date())).toEqual([])
  })

  test('deletes nodes, and the second run says that they are gone', async () => {
    for (const name of ['old-1', 'old-2']) {
      const made = await server.json<{registrationKey: string}>('debug', 'create-node', '--name', name, '-u', 'beta')
      expect((await server.run(['nodes', 'register', '-u', 'beta', '--key', made.registrationKey])).status).toBe(0)
    }
    const before = await names()
    expect(before.slice(3)).toEqual(['old-1', 'old-2'])
    expect((await server.run(['nodes', 'delete', 'old-1', 'old-2'], true)).status).toBe(0)
    expect(await names()).toEqual(before.slice(0, 3))
    expect((await server.error('nodes', 'delete', 'old-1', 'old-2', '--force')).exitCode).toBe(3)
  })
})
