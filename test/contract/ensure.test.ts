/** Commands that make something so, on every server: the first run does it, the second one changes nothing. */
import {describe, expect, test} from 'vitest'
import {planEnsureUser} from '../../src/usecases/users/ensure-user.ts'
import {type Fixture, useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'
import {policyFor, routedTailnet} from '../support/tailnets.ts'

/** Runs a line twice, as text and then with -o json, and returns what was printed. The second run must not write. */
async function twice({run, recorder}: Fixture, ...line: string[]) {
  const first = await run(line)
  expect([line, first.status, first.stderr]).toMatchObject([line, 0, expect.any(String)])
  const written = recorder.changes()
  const second = await run(line)
  const third = await run([...line, '-o', 'json'])
  expect([second.status, third.status, recorder.changes()]).toEqual([0, 0, []])
  return {
    first,
    second,
    written: written.length,
    document: JSON.parse(third.stdout) as Record<string, unknown>,
    notes: (JSON.parse(third.stderr) as {warnings: string[]}).warnings,
  }
}

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})

  test('users ensure', async () => {
    const {first, second, written, document, notes} = await twice(server, 'users', 'ensure', 'gamma')
    expect(written).toBe(1)
    expect(first).toMatchObject({stdout: expect.stringMatching(/^created user gamma \(id \d+\)\n$/), stderr: ''})
    expect(second).toMatchObject({stdout: first.stdout.replace('created', 'unchanged'), stderr: ''})
    expect(document).toMatchObject({name: 'gamma'})
    expect(notes).toEqual([second.stdout.trim()])
  })

  test('users ensure, while another run creates the user', async () => {
    const plans = await Promise.all([1, 2].map(() => planEnsureUser(server.api, {name: 'delta'})))
    const outcomes = []
    for (const plan of plans) outcomes.push((await plan.apply()).outcome)
    expect(outcomes).toEqual(['created', 'unchanged'])
  })

  test('users ensure with a profile', async () => {
    const line = ['users', 'ensure', 'omega', '--display-name', 'Omega'] as const
    if (!server.capabilities.userProfiles) {
      expect(await server.error(...line)).toMatchObject({code: 'unsupported-by-server'})
      return
    }
    expect((await twice(server, ...line)).document).toMatchObject({displayName: 'Omega'})
    expect(await server.error('users', 'ensure', 'omega', '--display-name', 'Other')).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('has the display name "Omega", not "Other"'),
    })
    expect(await server.run(['users', 'ensure', 'omega'])).toMatchObject({status: 0})
  })

  test('preauthkeys ensure', async () => {
    const {first, second, written, document, notes} = await twice(server, 'preauthkeys', 'ensure', '-u', 'beta')
    expect(written).toBe(1)
    expect(first.stdout).toMatch(/^[\w-]{40,}\n$/)
    expect(first.stderr).toMatch(/^created pre-auth key .*\*\*\* \(id \d+, beta\)\n$/)
    expect(first.stderr).not.toContain(first.stdout.trim())
    expect(second.stderr).toMatch(/^unchanged pre-auth key .*\*\*\* \(id \d+, beta\)\n/)
    expect(document).toMatchObject({reusable: true, ephemeral: false, aclTags: [], user: {name: 'beta'}})
    if (server.capabilities.preAuthKeysHaveIds) {
      // The server does not return the key again.
      expect(second.stdout).toBe('')
      expect(second.stderr).toContain('warning: this server returns a key only when it is created')
      expect(notes).toHaveLength(2)
    } else {
      expect(second.stdout).toBe(first.stdout)
      expect(document.key).toBe(first.stdout.trim())
      expect(notes).toHaveLength(1)
    }
  })

  test('preauthkeys ensure takes no key of other properties, of another user, or that expires too soon', async () => {
    const lines = [
      ['-u', 'alpha'],
      ['-u', 'alpha', '--ephemeral'],
      ['-u', 'alpha', '--expiration', '365d', '--valid-for', '100d'],
      ...(server.capabilities.preAuthKeyTags ? [['-u', 'alpha', '--tags', 'tag:ci,tag:prod']] : []),
      ...(server.capabilities.preAuthKeysHaveIds ? [['--tags', 'tag:ci']] : []),
    ]
    for (const line of lines) {
      const {written, second} = await twice(server, 'preauthkeys', 'ensure', ...line)
      expect([line, written, second.stderr]).toEqual([line, 1, expect.stringMatching(/^unchanged /)])
    }
    await server.run(['preauthkeys', 'create', '-u', 'gamma', '--expiration', '2d'])
    server.recorder.changes()
    await server.run(['preauthkeys', 'ensure', '-u', 'gamma'])
    expect(server.recorder.changes()).toHaveLength(1)
  })

  test('nodes ensure-tags', async () => {
    const line = ['nodes', 'ensure-tags', 'n1', '-t', 'tag:ci'] as const
    if (!server.capabilities.nodeTags) {
      expect(await server.error(...line)).toMatchObject({code: 'unsupported-by-server'})
      return
    }
    const {first, second, written, document, notes} = await twice(server, ...line)
    expect(written).toBe(1)
    expect(first.stdout).toMatch(/^tagged node n1 \(id 1, .*\): tag:ci\n$/)
    expect(second).toMatchObject({stdout: expect.stringMatching(/^unchanged node n1 \(id 1, .*\)\n$/), stderr: ''})
    expect(document).toEqual(await server.json('nodes', 'show', 'n1'))
    expect(notes).toEqual([second.stdout.trim()])

    const both = ['nodes', 'ensure-tags', 'n1', 'n3', '-t', 'tag:ci'] as const
    expect(await server.error(...both)).toMatchObject({code: 'needs-confirmation'})
    const many = await server.run([...both, '--force'])
    expect([many.status, many.stdout.split('\n').map((text) => text.split(' (')[0])]).toEqual([
      0,
      ['tagged node n3', 'unchanged node n1', ''],
    ])
    const same = await server.run(both)
    expect([same.status, same.stdout.match(/^unchanged node/gm)?.length, same.stderr]).toEqual([0, 2, ''])
    const again = await server.run([...both, '-o', 'json'])
    expect([again.status, (JSON.parse(again.stdout) as unknown[]).length]).toEqual([0, 2])
  })

  test('policy ensure', async () => {
    const {minor} = server
    const line = ['policy', 'ensure', '-f', server.file(`// for tests\n${policyFor(minor)}\n`)]
    if (minor < 23) {
      expect(await server.error(...line)).toMatchObject({code: 'unsupported-by-server'})
      return
    }
    const {first, second, document, notes} = await twice(server, ...line)
    expect([first.stdout, second.stdout, notes]).toEqual([
      'updated policy\n',
      'unchanged policy\n',
      ['unchanged policy'],
    ])
    expect(document.policy).toContain('// for tests')
  })

  test('a dry run sends no change, and says what the run would do', async () => {
    server.recorder.changes()
    expect(await server.run(['users', 'ensure', 'alpha', '--dry-run'])).toEqual({
      status: 0,
      stdout: '',
      stderr: 'nothing to change\n',
    })
    expect((await server.run(['users', 'ensure', 'sigma', '--dry-run'])).stderr).toBe(
      `would create ${server.word} sigma\n`,
    )
    expect((await server.run(['preauthkeys', 'ensure', '-u', 'beta', '--dry-run'])).stderr).toBe('nothing to change\n')
    expect(server.recorder.changes()).toEqual([])
  })
})
