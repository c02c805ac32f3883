/**
 * Machine-readable output matches the published schemas (schema/*.json in the package) on every server: every list, every
 * object that a command creates or changes, and errors. The three formats contain the same values.
 */
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import * as z from 'zod'
import {schemaFiles} from '../../scripts/build/schemas.ts'
import {ROOT} from '../support/paths.ts'
import {LONG_SUITE_SERVERS} from '../support/servers.ts'
import {useFixture} from '../support/fixture.ts'
import {smallTailnet} from '../support/tailnets.ts'

const published = Object.fromEntries(
  readdirSync(join(ROOT, 'schema')).map((name) => [name, readFileSync(join(ROOT, 'schema', name), 'utf8')]),
)

test('the published schemas are up to date', () => {
  expect(published).toEqual(schemaFiles())
})

test('docs/output.md names each schema and no other', () => {
  const text = readFileSync(join(ROOT, 'docs/output.md'), 'utf8')
  const named = [...text.matchAll(/`([a-z-]+\.json)`/g)].map(([, name]) => name!)
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(published).toSorted())
})

/** Where a document does not match its schema, as readable lines. */
function faults(schema: string, document: unknown): string[] {
  const {error} = z.fromJSONSchema(JSON.parse(published[`${schema}.json`]!)).safeParse(document)
  return (error?.issues ?? []).map(({path, message}) => `${path.join('.')}: ${message}`)
}

test('the schemas reject invalid documents', () => {
  const user = {id: '1', name: 'a', createdAt: null, displayName: null, email: null, providerId: null, provider: null}
  const complete = {...user, profilePicUrl: null}
  expect(faults('user', complete)).toEqual([])
  expect(faults('users', [complete])).toEqual([])
  for (const other of [user, {...complete, id: 1}, {...complete, more: 1}, {...complete, createdAt: 'today'}, null]) {
    expect(faults('user', other)).not.toEqual([])
    expect(faults('users', [other])).not.toEqual([])
  }
})

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})

  /** Runs a command line and checks its output against a schema. */
  async function fits<T>(schema: string, ...argv: string[]): Promise<T> {
    const document = await server.json<T>(...argv)
    expect([argv, faults(schema, document)]).toEqual([argv, []])
    return document
  }

  test('every object and every list matches its schema', async () => {
    const {capabilities, offers, canHaveRoutes} = server
    const beforehand = offers.length > 0 || capabilities.routes !== 'node-sets' ? [] : ['--allow-unadvertised']

    await fits('user', 'users', 'create', 'other')
    await fits('user', 'users', 'rename', 'other', 'another')
    await fits('users', 'users', 'list')
    await fits('user', 'users', 'destroy', 'another', '--force')

    const {id} = await fits<{id: string}>('pre-auth-key', 'preauthkeys', 'create', '-u', 'default', '--ephemeral')
    await fits('pre-auth-keys', 'preauthkeys', 'list')
    await fits('pre-auth-keys', 'preauthkeys', 'list', '--show-keys')
    await fits('pre-auth-key', 'preauthkeys', 'expire', '-i', id)
    const key = await fits<{id: string}>('api-key', 'apikeys', 'create')
    await fits('api-keys', 'apikeys', 'list')
    await fits('api-key', 'apikeys', 'expire', '-i', key.id)

    const pending = await fits<{registrationKey: string}>(
      'pending-node',
      ...['debug', 'create-node', '--name', 'laptop', '-n', 'default', '--route', '10.7.0.0/24'],
    )
    const made = await fits<Record<string, unknown>>(
      'node',
      ...['nodes', 'register', '-n', 'default', '--key', pending.registrationKey],
    )
    // Null means unknown, and both are known here.
    expect([made.approvedRoutes, made.availableRoutes]).toEqual([[], offers.length > 0 ? ['10.7.0.0/24'] : []])
    const route = ['-i', '1', '-r', '10.0.0.0/24']
    if (canHaveRoutes) await fits('routes', 'routes', 'enable', ...route, ...beforehand)
    await fits('routes', 'routes', 'list')
    await fits('routes', 'routes', 'list', '-i', '1')
    await fits('nodes', 'nodes', 'list-routes')
    await fits('nodes', 'nodes', 'list-routes', '-i', '1')
    if (canHaveRoutes) {
      await fits('routes', 'routes', 'disable', ...route)
      const {stdout} = await server.run(['nodes', 'approve-routes', ...route, ...beforehand, '-o', 'json'])
      expect(faults('node', JSON.parse(stdout))).toEqual([])
    }

    if (capabilities.givenNames) await fits('node', 'nodes', 'rename', '-i', '5', 'renamed')
    if (capabilities.givenNames && !capabilities.tagsArePermanent)
      await fits('node', 'nodes', 'tag', '-i', '5', '-t', 'tag:a')
    await fits('node', 'nodes', 'expire', '-i', '5')
    await fits('node', 'nodes', 'show', '5')
    await fits('nodes', 'nodes', 'show')
    const nodes = await fits<Record<string, unknown>[]>('nodes', 'nodes', 'list')
    expect(nodes.find(({approvedRoutes, availableRoutes}) => !approvedRoutes || !availableRoutes)).toBe(undefined)
    await fits('node', 'nodes', 'delete', '-i', '5', '--force')

    await fits('health', 'health')
    await fits('version', 'version')
  })

  test('errors match their schema', async () => {
    const lines = [
      ['nodes', 'show', 'nope'],
      ['nodes', 'show', 'name:nas', '-i', '1'],
      ['nodes', 'delete', '-i', '1'],
      ['routes', 'enable', '-i', '1', '-r', '10.9.0.0/24'],
      ['routes', 'enable', '-r', '7'],
      ['bogus'],
    ]
    for (const line of lines) {
      const {stdout, stderr} = await server.run([...line, '-o', 'json'])
      expect([line, stdout, faults('error', JSON.parse(stderr))]).toEqual([line, '', []])
    }
  })

  test('the three formats contain the same values', async () => {
    for (const line of [
      ['users', 'list'],
      ['routes', 'list', '-i', '1'],
      ['nodes', 'show', '1'],
    ]) {
      const [json, oneLine, yaml] = await Promise.all(
        ['json', 'json-line', 'yaml'].map(async (format) => (await server.run([...line, '-o', format])).stdout),
      )
      expect(oneLine).toBe(`${JSON.stringify(JSON.parse(json!))}\n`)
      expect(parse(yaml!)).toEqual(JSON.parse(json!))
    }
  })
})
