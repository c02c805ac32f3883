/**
 * `export` on every server: a sandbox of the same release with the exported file as its seed lists the same users, nodes,
 * routes and policy, and its own export is the same file. What a copy cannot have is in `comparable`, and nowhere else.
 */
import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {loadSeed} from '../../src/sandbox/seed/seed-file.ts'
import {readTailnet} from '../../src/usecases/read-tailnet.ts'
import {advertise} from '../support/advertise.ts'
import {type Fixture, type TestTailnet, useFixture} from '../support/fixture.ts'
import {type Outcome, runHere, scratchFolder} from '../support/program.ts'
import {SERVERS, startTestSandbox, type TestServer} from '../support/servers.ts'
import {policyFor} from '../support/tailnets.ts'
import {copiedTailnet, SECRETS} from '../support/copied-tailnet.ts'

const ROUTES = {3: ['10.0.0.0/24', '10.2.0.0/24'], 4: ['0.0.0.0/0', '::/0', '10.0.0.0/24']}

/** Users and nodes whose ids have gaps, tags, a name of its own, an expired node, routes that two nodes have. */
const tailnet: TestTailnet = {
  seed: copiedTailnet,
  async fill({run, file, minor, server, capabilities}: Fixture) {
    const ok = async (...argv: string[]) => {
      const outcome = await run(argv)
      expect(outcome, argv.join(' ')).toMatchObject({status: 0})
      return outcome.stdout
    }
    for (const name of ['gone', 'alpha', 'beta']) await ok('users', 'create', name)
    if (capabilities.userProfiles) await ok('users', 'create', 'gamma', '-d', 'Gamma "3"', '-e', 'gamma@example.com')
    if (minor >= 23) await ok('policy', 'set', '-f', file(policyFor(minor)))
    for (const name of ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']) {
      const offered = (ROUTES[name.slice(1) as never] ?? []) as string[]
      const routes = offered.flatMap((prefix) => ['-r', prefix])
      const made = await ok('debug', 'create-node', '--name', name, '-u', 'alpha', ...routes, '-o', 'json')
      const {registrationKey} = JSON.parse(made) as {registrationKey: string}
      await ok('nodes', 'register', '-u', 'alpha', '--key', registrationKey)
    }
    await ok('nodes', 'delete', '-i', '1', '--force')
    await ok('users', 'destroy', 'gone', '--force')
    await ok('nodes', 'expire', '-i', '2', '--force')
    await advertise(server.real!, ROUTES)
    await ok('routes', 'enable', '-i', '4', '-r', '10.0.0.0/24')
    await ok('routes', 'enable', '-i', '3', '-r', '10.0.0.0/24')
    await ok('routes', 'enable', '-i', '4', '--exit-node')
    if (capabilities.givenNames) await ok('nodes', 'rename', '-i', '5', 'renamed')
    if (capabilities.nodeTags) await ok('nodes', 'tag', '-i', '6', '-t', 'tag:ci', '-t', 'tag:prod')
    await ok('preauthkeys', 'create', '-u', 'beta', '--expiration', '1h')
    await ok('apikeys', 'create')
  },
}

interface Json {
  online?: boolean
  preAuthKey?: object | null
  [field: string]: unknown
}

describe.for(SERVERS)('export of $label', (spec) => {
  const server = useFixture(spec, {tailnet})
  const file = join(scratchFolder(), 'tailnet.yaml')
  let exported: Outcome
  let copy: TestServer | undefined
  const onCopy = (...argv: string[]) => runHere(argv, {env: copy!.env})

  beforeAll(async () => {
    exported = await server.run(['export'])
    expect(exported).toMatchObject({status: 0})
    expect(await server.run(['export', file])).toMatchObject({status: 0})
    copy = await startTestSandbox({release: spec.line, via: spec.via, seed: await loadSeed(file)})
  })
  afterAll(() => copy?.close())

  test('writes the same text to standard output and to a private file', () => {
    expect(readFileSync(file, 'utf8')).toBe(exported.stdout)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.for([
    ['users', 'list'],
    ['nodes', 'list'],
    ['nodes', 'list-routes'],
    ['routes', 'list'],
    ['policy', 'get'],
  ])('the copy has the same %s %s', async (line) => {
    const [original, copied] = [await server.run([...line, '-o', 'json']), await onCopy(...line, '-o', 'json')]
    expect(copied.status).toBe(original.status)
    if (original.status !== 0) return
    expect(comparable(JSON.parse(copied.stdout))).toEqual(comparable(JSON.parse(original.stdout)))
  })

  test('the export of the copy is the same', async () => {
    expect((await onCopy('export')).stdout).toBe(exported.stdout)
  })

  test('as JSON it is the same seed', async () => {
    const json = server.file((await server.run(['export', '-o', 'json'])).stdout)
    expect(await loadSeed(json)).toEqual(await loadSeed(file))
  })

  test('no output contains a key of the server, or its beginning', async () => {
    const {nodes, preAuthKeys, apiKeys} = await readTailnet(server.api, new Date())
    const keys = [
      ...SECRETS,
      ...nodes.flatMap(({machineKey, nodeKey, discoKey}) => [machineKey, nodeKey, discoKey]),
      ...preAuthKeys.map(({key}) => key.replace('***', '')),
      ...apiKeys.map(({prefix}) => prefix.replace('***', '')),
      server.env['HEADSCALE_CLI_API_KEY'],
    ].flatMap((key) => (key ? [key.replace(/^(?:[a-z]+key|mkey):|^hskey-[a-z]+-/, '')] : []))
    expect(keys.length).toBeGreaterThan(nodes.length)
    const output = `${readFileSync(file, 'utf8')}${exported.stdout}${exported.stderr}`
    expect(keys.filter((key) => output.includes(key.slice(0, 8)))).toEqual([])
  })

  test('standard error says what the file does not contain', () => {
    expect(exported.stderr).toContain('note: the export has no keys')
    expect(exported.stderr.includes('note: the policy is left out')).toBe(server.minor < 23)
  })
})

/** A document without what a copy cannot have: keys, the last contact of a node that is online, the time of a policy. */
function comparable(document: unknown): unknown {
  if (Array.isArray(document)) return document.map(comparable)
  const {machineKey: _machine, nodeKey: _node, discoKey: _disco, updatedAt: _updated, ...rest} = document as Json
  return {
    ...rest,
    ...(rest.online === true && {lastSeen: 'now'}),
    ...(rest.preAuthKey ? {preAuthKey: {...rest.preAuthKey, key: '***'}} : {}),
  }
}
