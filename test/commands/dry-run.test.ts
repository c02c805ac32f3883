/**
 * `--dry-run` of the commands that change something: the document has the published schema and names the object that
 * was found, nothing changes, and what fails in the real run fails with the same exit code.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {dryRun} from '../../src/render/document/schemas.ts'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const POLICY = '{"tagOwners": {"tag:router": ["default@"]}, /* HuJSON */}'
const SEED = {
  users: [{name: 'default'}, {name: 'spare'}],
  nodes: [
    {name: 'router', user: 'default'},
    {name: 'nas', user: 'default'},
  ],
  preAuthKeys: [{user: 'default'}],
  policy: POLICY,
}

interface Planned {
  changes: {kind: string; id: string | null; name: string | null; owner: {name: string} | null; summary: string}[]
}

describe('on sandbox 0.29', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', seed: SEED, now: () => new Date('2026-01-02T03:04:05Z')})
  })
  afterAll(() => server.close())
  const run = (line: string, ...more: string[]) => runHere([...line.split(' '), ...more], {env: server.env})
  const all = async () =>
    Promise.all(['users list', 'nodes list', 'preauthkeys list', 'apikeys list'].map((line) => run(line, '-o', 'json')))

  test.for([
    ['users create carol', {kind: 'user', id: null, name: 'carol'}, /^create user carol$/],
    ['users rename spare other', {kind: 'user', id: '2', name: 'spare'}, /^rename user spare \(id 2\) to other$/],
    ['users destroy spare', {kind: 'user', id: '2', name: 'spare'}, /^destroy user spare \(id 2\)$/],
    [
      'nodes delete -i nas',
      {kind: 'node', id: '2', name: 'nas'},
      /^delete node nas \(id 2, default, [\d.]+, online\)$/,
    ],
    ['nodes rename -i 2 disk', {kind: 'node', id: '2'}, / to disk$/],
    ['nodes expire -i 2', {kind: 'node', id: '2'}, / now$/],
    ['nodes expire -i 2 -d', {kind: 'node', id: '2'}, /: never$/],
    ['nodes tag -i router -t tag:router', {kind: 'node', id: '1'}, /: tag:router$/],
    ['preauthkeys create -u default', {kind: 'pre-auth-key', id: null}, /^create a pre-auth key for default \(id 1\)$/],
    ['preauthkeys expire 1', {kind: 'pre-auth-key', id: '1'}, /^expire pre-auth key \S+ \(id 1, default\)$/],
    ['preauthkeys delete -i 1', {kind: 'pre-auth-key', id: '1'}, /^delete pre-auth key \S+ \(id 1, default\)$/],
    ['apikeys create', {kind: 'api-key', id: null}, /^create an API key that expires at /],
    [
      'debug create-node --name x -u default',
      {kind: 'node', id: null, name: 'x'},
      /^create a pending node x for default/,
    ],
  ] as const)('%s', async ([line, facts, summary]) => {
    const before = await all()
    const {status, stdout} = await run(line, '--dry-run', '-o', 'json')
    expect(status).toBe(0)
    const document = JSON.parse(stdout) as Planned
    expect(dryRun.parse(document).changes).toHaveLength(1)
    expect(document.changes[0]).toMatchObject(facts)
    expect(document.changes[0]!.summary).toMatch(summary)
    const text = await run(line, '--dry-run')
    expect([text.status, text.stdout]).toEqual([0, ''])
    expect(text.stderr).toMatch(/^(warning: .*\n)?would .*\n$/)
    expect(await all()).toEqual(before)
  })

  test.for([
    ['users create default', 12],
    ['users rename spare default', 12],
    ['users destroy default --force', 6],
    ['users destroy nobody --force', 3],
    ['users create a/b', 6],
    ['nodes rename -i 2 router', 12],
    ['nodes rename -i 2 a_b', 6],
    [`nodes rename -i 2 ${'a'.repeat(64)}`, 6],
    ['nodes tag -i 2 -t tag:unknown', 6],
    ['nodes tag -i 2 --clear', 8],
    ['nodes move -i 2 -u spare', 8],
    ['preauthkeys expire 99', 3],
    ['apikeys expire 99', 3],
    ['nodes register -u default -k nonsense', 2],
    ['nodes expire -i 2 -e 0001-01-01T00:00:00Z', 2],
    ['users destroy -i abc', 2],
  ] as const)('%s fails with %i in a dry run too', async ([line, exit]) => {
    const [real, dry] = [await run(line), await run(line, '--dry-run')]
    expect([real.status, dry.status]).toEqual([exit, exit])
    expect(dry).toEqual(real)
  })

  test('a rejected tag gives a hint about tagOwners, and no warning about leaving the user', async () => {
    expect(await run('nodes tag -i 2 -t tag:unknown')).toEqual({
      status: 6,
      stdout: '',
      stderr:
        'error: tag not in the tagOwners of the policy: tag:unknown\n' +
        'hint: name the tag and its owners under tagOwners in the policy: headscale-ts policy set -f FILE\n',
    })
  })

  test('where the stored policy has no content, no tag is accepted in a dry run either', async () => {
    const {env, close} = await startTestSandbox({release: '0.29', seed: {...SEED, policy: 'null'}})
    const tag = (...more: string[]) => runHere(['nodes', 'tag', '-i', '2', '-t', 'tag:router', ...more], {env})
    expect([(await tag('--dry-run')).status, (await tag()).status]).toEqual([6, 6])
    await close()
  })

  test('a key in place of a user is not suggested as the name of a new user', async () => {
    const {status, stderr} = await run(`nodes list -u hskey-auth-${'a'.repeat(12)}-${'b'.repeat(64)}`)
    expect([status, stderr]).toEqual([
      3,
      'error: user "hskey-auth-[secret]" not found\n' +
        'hint: this looks like a pre-auth key; for a pre-auth key: headscale-ts preauthkeys expire KEY\n',
    ])
  })

  test('another kind of key in place of a registration key is named', async () => {
    expect((await run(`nodes register -u default -k hskey-auth-${'a'.repeat(12)}-${'b'.repeat(64)}`)).stderr).toMatch(
      /^error: this is a pre-auth key, not a registration key\nhint: .*tailscale up --auth-key KEY\n$/,
    )
  })
})

test('removes tags from a node only after confirmation', async () => {
  const nodes = [{name: 'router', user: 'default', tags: ['tag:a']}]
  const {env, close} = await startTestSandbox({release: '0.26', seed: {users: [{name: 'default'}], nodes}})
  try {
    const line = ['nodes', 'tag', '-i', 'router', '--clear']
    const {status, stderr} = await runHere(line, {env})
    expect([status, stderr]).toEqual([9, expect.stringContaining('Do you want to remove all tags of router (id 1, ')])
    expect(await runHere([...line, '--force'], {env})).toMatchObject({status: 0, stdout: 'Node updated\n'})
    for (const tags of [['-t', ''], ['-t', ','], []]) {
      expect((await runHere(['nodes', 'tag', '-i', 'router', ...tags], {env})).status).toBe(2)
    }
  } finally {
    await close()
  }
})

test('sends a tag that is specified twice only once', async () => {
  const {env, close} = await startTestSandbox({release: '0.22', seed: {users: [{name: 'default'}]}})
  try {
    const line = ['preauthkeys', 'create', '-u', 'default', '--tags', 'tag:ci', '--tags', 'tag:ci', '-o', 'json']
    const {stdout} = await runHere(line, {env})
    expect((JSON.parse(stdout) as {aclTags: string[]}).aclTags).toEqual(['tag:ci'])
  } finally {
    await close()
  }
})
