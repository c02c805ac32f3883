/**
 * Every command of headscale's own CLI that talks to a server, and what this program adds to it, as rows: the releases
 * that can do it, one line that does it, and how to see that it was done. Rows build on each other and run in order.
 *
 * Releases are of the server's API (headscale's CLI of each tag, cmd/headscale/cli, v0.15.0 to v0.29.2), or wider where
 * this program does a thing another way: routes without a routes API, keys by id, users by name or id.
 */
import {expect} from 'vitest'
import type {Fixture} from '../../support/fixture.ts'

export interface Row {
  /** Its name in docs/releases.md. */
  command: string
  /** First and last minor release that can do it; all when absent. */
  since?: number
  until?: number
  /** The error of releases that cannot do it says that they read the policy from a file. */
  readsFile?: boolean
  /** Release lines in between that cannot. */
  without?: readonly string[]
  /** The command line, without `-o`. Also called on releases that cannot do it, so what it names must exist there. */
  line(server: Fixture): string[] | Promise<string[]>
  /** The published schema of its JSON output; absent if the output has none. */
  schema?: string
  /** Checks the output, and the server afterwards. */
  check(answer: never, server: Fixture): void | Promise<void>
}

interface User {
  id: string
  name: string
  displayName: string | null
  email: string | null
}

interface Node {
  id: string
  name: string
  givenName: string | null
  user: User | null
  tags: string[]
  ipAddresses: string[]
  expiry: string | null
  approvedRoutes: string[]
  availableRoutes: string[]
}

interface Route {
  id: string | null
  node: {name: string}
  prefix: string
  enabled: boolean
}

interface Key {
  id: string
  key: string | null
  prefix: string
  user: {name: string} | null
  aclTags: string[]
  expiration: string
  reusable: boolean
}

const names = (things: readonly {name: string}[]) => things.map(({name}) => name)
const ofNode = (routes: readonly Route[], name: string) =>
  Object.fromEntries(routes.filter(({node}) => node.name === name).map(({prefix, enabled}) => [prefix, enabled]))

async function node({json}: Fixture, name: string): Promise<Node> {
  const nodes = await json<Node[]>('nodes', 'list')
  return nodes.find((candidate) => candidate.name === name)!
}

/** What is written and what is read back agree. */
const sameAfter = async (answer: Node, server: Fixture) => expect(await node(server, answer.name)).toEqual(answer)

/** A pending client; on 0.17 a fake client is registered for the user that it was created for. */
async function waiting({json}: Fixture, name: string, user = 'alpha'): Promise<string> {
  const {registrationKey} = await json<{registrationKey: string}>('debug', 'create-node', '--name', name, '-u', user)
  return registrationKey
}

/** Registers a fake client. */
async function joined(server: Fixture, name: string): Promise<void> {
  const key = await waiting(server, name)
  await server.json('nodes', 'register', '--user', 'alpha', '--key', key)
}

/** The server's number of n1's first subnet, or any digits where routes have none. */
async function routeId({json, minor}: Fixture): Promise<string> {
  if (minor < 18 || minor > 25) return '1'
  const routes = await json<Route[]>('routes', 'list')
  return routes.find(({node: {name}, prefix}) => name === 'n1' && prefix === '10.0.0.0/24')!.id!
}

const near = (time: string | null, milliseconds: number) =>
  expect(Math.abs(new Date(time!).getTime() - Date.now() - milliseconds)).toBeLessThan(60_000)

const LATER = '2040-01-02T03:04:05Z'
const DAY = 24 * 3600 * 1000

const lastKey = async ({json}: Fixture) => (await json<Key[]>('preauthkeys', 'list')).at(-1)!.id
const lastApiKey = async ({json}: Fixture) => (await json<Key[]>('apikeys', 'list')).at(-1)!.id

export const ROWS: readonly Row[] = [
  {
    command: 'version',
    line: () => ['version'],
    schema: 'version',
    check({server}: {server: {releases: string}}, {minor}) {
      expect(server.releases).toContain(`0.${minor}`)
    },
  },
  {
    command: 'health',
    line: () => ['health'],
    schema: 'health',
    check: (answer: object) => expect(answer).toEqual({databaseConnectivity: true}),
  },
  {
    command: 'health --wait',
    line: () => ['health', '--wait', '5s'],
    schema: 'health',
    check: (answer: object) => expect(answer).toEqual({databaseConnectivity: true}),
  },
  {
    command: 'metrics',
    line: () => ['metrics'],
    schema: 'metrics',
    check: (answer: {name: string}[]) => expect(names(answer)).toContain('headscale_ts_nodes'),
  },
  {
    command: 'users create',
    line: () => ['users', 'create', 'gamma'],
    schema: 'user',
    check: (answer: User) => expect(answer.name).toBe('gamma'),
  },
  {
    command: 'users create --display-name, --email, --picture-url',
    since: 24,
    line: () => [
      'users',
      'create',
      'delta',
      '-d',
      'Delta',
      '-e',
      'delta@example.com',
      '-p',
      'https://example.com/d.png',
    ],
    schema: 'user',
    check: (answer: User) => expect(answer).toMatchObject({displayName: 'Delta', email: 'delta@example.com'}),
  },
  {
    command: 'users list',
    line: () => ['users', 'list'],
    schema: 'users',
    check: (answer: User[]) => expect(names(answer)).toEqual(expect.arrayContaining(['alpha', 'beta', 'gamma'])),
  },
  {
    command: 'users ensure',
    line: () => ['users', 'ensure', 'gamma'],
    schema: 'user',
    check: (answer: User) => expect(answer.name).toBe('gamma'),
  },
  {
    command: 'users rename',
    line: () => ['users', 'rename', 'gamma', 'golf'],
    schema: 'user',
    async check(answer: User, {json}) {
      expect(answer.name).toBe('golf')
      const users = names(await json<User[]>('users', 'list'))
      expect([users.includes('golf'), users.includes('gamma')]).toEqual([true, false])
    },
  },
  {
    command: 'users destroy',
    line: () => ['users', 'destroy', 'golf', '--force', '--allow-key-loss'],
    schema: 'user',
    async check(_answer: User, {json}) {
      expect(names(await json<User[]>('users', 'list'))).not.toContain('golf')
    },
  },
  {
    command: 'policy set',
    since: 23,
    line: ({file}) => ['policy', 'set', '-f', file(POLICY)],
    schema: 'policy',
    check: ({policy}: {policy: string}) => expect(policy).toBe(POLICY),
  },
  {
    command: 'policy ensure',
    since: 23,
    line: ({file}) => ['policy', 'ensure', '-f', file(POLICY)],
    schema: 'policy',
    check: ({policy}: {policy: string}) => expect(policy).toBe(POLICY),
  },
  {
    command: 'policy get',
    since: 23,
    line: () => ['policy', 'get'],
    schema: 'policy',
    check: ({policy}: {policy: string}) => expect(policy).toBe(POLICY),
  },
  {
    command: 'policy check',
    since: 29,
    line: ({file}) => ['policy', 'check', '-f', file(POLICY)],
    check: (answer: object) => expect(answer).toEqual({valid: true}),
  },
  {
    command: 'policy check --server',
    line: ({file, minor}) => ['policy', 'check', file(policyOf(minor)), '--server'],
    schema: 'policy-report',
    check: (answer: object) => expect(answer).toMatchObject({errors: 0, findings: []}),
  },
  {
    command: 'policy apply',
    since: 23,
    readsFile: true,
    line: ({file, minor}) => ['policy', 'apply', file(policyOf(minor)), '--force'],
    schema: 'policy',
    check: ({policy}: {policy: string}, {minor}) => expect(policy).toBe(policyOf(minor)),
  },
  {
    command: 'policy edit',
    since: 23,
    readsFile: true,
    line: () => ['policy', 'edit', '--force'],
    schema: 'policy',
    check: ({policy}: {policy: string}, {minor}) => expect(policy).toBe(policyOf(minor).replace('made', 'edited')),
  },
  {
    command: 'policy rollback',
    since: 23,
    readsFile: true,
    line: () => ['policy', 'rollback', '--force'],
    schema: 'policy',
    async check({policy}: {policy: string}, {json, minor}) {
      expect(policy).toBe(policyOf(minor))
      expect(await json('policy', 'get')).toMatchObject({policy})
    },
  },
  {
    command: 'policy diff',
    since: 23,
    line: ({file, minor}) => ['policy', 'diff', file(policyOf(minor))],
    schema: 'policy-diff',
    check: (answer: object) => expect(answer).toMatchObject({same: true, access: {gained: [], lost: []}}),
  },
  {
    command: 'policy explain',
    since: 23,
    until: 30,
    line: () => ['policy', 'explain', 'n3', 'n1:22'],
    schema: 'policy-explain',
    check: (answer: object) => expect(answer).toMatchObject({allowed: true, port: 22}),
  },
  {
    command: 'policy access',
    since: 23,
    until: 30,
    line: () => ['policy', 'access', '--from', 'n3', '--to', 'n1'],
    schema: 'policy-access',
    check: (answer: object) => expect(answer).toEqual([{sources: ['n3'], destinations: ['n1'], access: ['*']}]),
  },
  {
    command: 'export',
    line: () => ['export'],
    check({users, nodes}: {users: {name: string}[]; nodes: {name: string}[]}) {
      expect(names(users)).toEqual(expect.arrayContaining(['alpha', 'beta']))
      expect(names(nodes)).toEqual(['n1', 'n2', 'n3'])
    },
  },
  {
    command: 'debug create-node',
    line: () => ['debug', 'create-node', '--name', 'scout', '--user', 'alpha'],
    schema: 'pending-node',
    check: (answer: object) => expect(answer).toMatchObject({name: 'scout', user: 'alpha'}),
  },
  {
    command: 'nodes register',
    line: async (server) => ['nodes', 'register', '--user', 'alpha', '--key', await waiting(server, 'joiner')],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer).toMatchObject({name: 'joiner', user: {name: 'alpha'}})
      await sameAfter(answer, server)
    },
  },
  {
    command: 'auth register',
    line: async (server) => ['auth', 'register', '--user', 'beta', '--auth-id', await waiting(server, 'other', 'beta')],
    schema: 'node',
    check: (answer: Node) => expect(answer).toMatchObject({name: 'other', user: {name: 'beta'}}),
  },
  {
    command: 'nodes list',
    line: () => ['nodes', 'list'],
    schema: 'nodes',
    check: (answer: Node[]) => expect(names(answer)).toEqual(['n1', 'n2', 'n3', 'joiner', 'other']),
  },
  {
    command: 'nodes list --user',
    line: () => ['nodes', 'list', '--user', 'beta'],
    schema: 'nodes',
    check: (answer: Node[]) => expect(names(answer)).toEqual(['other']),
  },
  {
    command: 'dns render',
    line: ({file}) => [
      ...['dns', 'render', '--domain', 'example.net', '--name', 'n1'],
      ...['--aliases', file('www: n1\nn2.example.org: n2\n')],
    ],
    schema: 'dns-records',
    async check(answer: {name: string; value: string}[], server) {
      const {ipAddresses} = await node(server, 'n1')
      expect([...new Set(names(answer))]).toEqual(['n1.example.net', 'n2.example.org', 'www.example.net'])
      expect(answer.flatMap(({name, value}) => (name.startsWith('www') ? [value] : []))).toEqual(ipAddresses)
    },
  },
  {
    command: 'nodes show',
    line: () => ['nodes', 'show', 'n1'],
    schema: 'node',
    check: (answer: Node) => expect(answer.availableRoutes.toSorted()).toEqual(['10.0.0.0/24', '10.2.0.0/24']),
  },
  {
    command: 'routes list',
    line: () => ['routes', 'list'],
    schema: 'routes',
    check(answer: Route[]) {
      expect(ofNode(answer, 'n1')).toEqual({'10.0.0.0/24': false, '10.2.0.0/24': false})
      expect(ofNode(answer, 'n2')).toEqual({'0.0.0.0/0': false, '::/0': false})
    },
  },
  {
    command: 'routes check',
    line: () => ['routes', 'check'],
    schema: 'route-checks',
    check(answer: {prefix: string; status: string; nodes: {name: string}[]}[]) {
      const checks = Object.fromEntries(answer.map(({prefix, status, nodes}) => [prefix, [status, ...names(nodes)]]))
      expect(checks).toEqual({
        '10.0.0.0/24': ['pending', 'n1'],
        '10.2.0.0/24': ['pending', 'n1'],
        '0.0.0.0/0': ['pending', 'n2'],
        '::/0': ['pending', 'n2'],
      })
    },
  },
  {
    command: 'routes enable -i NODE',
    line: () => ['routes', 'enable', '-i', 'n1', '-r', '10.2.0.0/24'],
    schema: 'routes',
    check: (answer: Route[]) => expect(ofNode(answer, 'n1')).toEqual({'10.0.0.0/24': false, '10.2.0.0/24': true}),
  },
  {
    command: 'routes enable -r ID',
    since: 18,
    until: 25,
    line: async (server) => ['routes', 'enable', '-r', await routeId(server)],
    schema: 'routes',
    check: (answer: Route[]) => expect(ofNode(answer, 'n1')).toEqual({'10.0.0.0/24': true, '10.2.0.0/24': true}),
  },
  {
    command: 'routes enable of an exit node',
    line: () => ['routes', 'enable', '-i', 'n2', '-r', '0.0.0.0/0'],
    schema: 'routes',
    check: (answer: Route[]) => expect(ofNode(answer, 'n2')).toEqual({'0.0.0.0/0': true, '::/0': true}),
  },
  {
    command: 'routes enable --allow-unadvertised',
    since: 26,
    line: () => ['routes', 'enable', '-i', 'n3', '-r', '10.9.0.0/24', '--allow-unadvertised'],
    schema: 'routes',
    check: (answer: Route[]) => expect(ofNode(answer, 'n3')).toEqual({'10.9.0.0/24': true}),
  },
  {
    command: 'nodes wait',
    line: () => ['nodes', 'wait', 'n1', '--for', 'available=10.0.0.0/24', '--timeout', '5s'],
    schema: 'node',
    check: sameAfter,
  },
  {
    command: 'nodes list-routes',
    line: () => ['nodes', 'list-routes', '-i', 'n2'],
    schema: 'nodes',
    check(answer: Node[]) {
      expect(answer.map(({approvedRoutes}) => approvedRoutes.toSorted())).toEqual([['0.0.0.0/0', '::/0']])
    },
  },
  {
    command: 'routes disable',
    line: () => ['routes', 'disable', '-i', 'n2', '-r', '::/0'],
    schema: 'routes',
    check: (answer: Route[]) => expect(ofNode(answer, 'n2')).toEqual({'0.0.0.0/0': false, '::/0': false}),
  },
  {
    command: 'nodes approve-routes',
    line: () => ['nodes', 'approve-routes', '-i', 'n1', '-r', '10.0.0.0/24'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.approvedRoutes).toEqual(['10.0.0.0/24'])
      await sameAfter(answer, server)
    },
  },
  {
    command: 'routes delete',
    since: 21,
    until: 25,
    line: async (server) => ['routes', 'delete', '-r', await routeId(server)],
    schema: 'route',
    async check(_answer: Route, {json}) {
      expect(ofNode(await json<Route[]>('routes', 'list'), 'n1')).toEqual({'10.2.0.0/24': false})
    },
  },
  {
    command: 'nodes rename',
    since: 16,
    line: () => ['nodes', 'rename', '-i', 'n1', 'router'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer).toMatchObject({name: 'n1', givenName: 'router'})
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes tag',
    since: 16,
    line: () => ['nodes', 'tag', '-i', 'joiner', '-t', 'tag:prod,tag:ci'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.tags.toSorted()).toEqual(['tag:ci', 'tag:prod'])
      // From 0.28 on a node with tags belongs to them.
      expect(answer.user?.name ?? null).toBe(server.minor >= 28 ? null : 'alpha')
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes tag --add, --remove',
    since: 16,
    line: () => ['nodes', 'tag', '-i', 'joiner', '--add', 'tag:ci', '--remove', 'tag:prod'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.tags).toEqual(['tag:ci'])
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes tag --clear',
    since: 16,
    until: 27,
    line: () => ['nodes', 'tag', '-i', 'joiner', '--clear', '--force'],
    schema: 'node',
    check: (answer: Node) => expect(answer.tags).toEqual([]),
  },
  {
    command: 'nodes ensure-tags',
    since: 16,
    line: () => ['nodes', 'ensure-tags', 'n3', '-t', 'tag:ci'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.tags).toEqual(['tag:ci'])
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes move',
    since: 16,
    until: 27,
    line: () => ['nodes', 'move', '-i', 'n3', '--user', 'beta'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.user!.name).toBe('beta')
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes expire --expiry',
    since: 27,
    without: ['0.27.0'],
    line: () => ['nodes', 'expire', '-i', 'n3', '--expiry', LATER],
    schema: 'node',
    check: (answer: Node) => expect(answer.expiry).toBe(LATER),
  },
  {
    command: 'nodes expire --disable',
    since: 29,
    line: () => ['nodes', 'expire', '-i', 'n3', '--disable'],
    schema: 'node',
    check: (answer: Node) => expect(answer.expiry).toBe(null),
  },
  {
    command: 'nodes expire',
    line: () => ['nodes', 'expire', '-i', 'n3'],
    schema: 'node',
    async check(answer: Node, server) {
      near(answer.expiry, 0)
      await sameAfter(answer, server)
    },
  },
  {
    command: 'nodes backfillips',
    since: 23,
    line: () => ['nodes', 'backfillips', '--force'],
    check: (answer: object) => expect(answer).toEqual({changes: []}),
  },
  {
    command: 'nodes delete',
    line: () => ['nodes', 'delete', '-i', 'n3', '--force'],
    schema: 'node',
    async check(answer: Node, server) {
      expect(answer.name).toBe('n3')
      expect(await node(server, 'n3')).toBe(undefined)
    },
  },
  {
    command: 'nodes prune',
    async line(server) {
      await joined(server, 'stale')
      return ['nodes', 'prune', '--offline-for', '1ms', '--name', 'stale', '--force']
    },
    schema: 'nodes',
    async check(answer: Node[], server) {
      expect(names(answer)).toEqual(['stale'])
      expect(await node(server, 'stale')).toBe(undefined)
    },
  },
  {
    command: 'nodes dedupe',
    async line(server) {
      await joined(server, 'twin')
      await joined(server, 'twin')
      return ['nodes', 'dedupe', '--by-name', '--name', 'twin*', '--force']
    },
    schema: 'nodes',
    async check(answer: Node[], {json, minor}) {
      expect(names(answer)).toEqual(['twin'])
      const left = (await json<Node[]>('nodes', 'list')).filter(({name}) => name === 'twin')
      expect(left.map(({givenName}) => givenName)).toEqual([minor >= 16 ? 'twin' : null])
    },
  },
  {
    command: 'preauthkeys create',
    line: () => ['preauthkeys', 'create', '--user', 'beta', '--reusable', '--expiration', '1d'],
    schema: 'pre-auth-key',
    check(answer: Key) {
      expect(answer).toMatchObject({user: {name: 'beta'}, reusable: true})
      expect(answer.key).not.toContain('*')
      near(answer.expiration, DAY)
    },
  },
  {
    command: 'preauthkeys create --tags',
    since: 17,
    line: () => ['preauthkeys', 'create', '--user', 'alpha', '--tags', 'tag:ci'],
    schema: 'pre-auth-key',
    check: (answer: Key) => expect(answer).toMatchObject({user: {name: 'alpha'}, aclTags: ['tag:ci']}),
  },
  {
    command: 'preauthkeys ensure',
    line: () => ['preauthkeys', 'ensure', '--user', 'beta', '--expiration', '1d'],
    schema: 'pre-auth-key',
    check: (answer: Key) => expect(answer).toMatchObject({user: {name: 'beta'}, reusable: true}),
  },
  {
    command: 'preauthkeys list',
    line: () => ['preauthkeys', 'list', '--user', 'beta'],
    schema: 'pre-auth-keys',
    check: (answer: Key[]) => expect(answer.map(({user}) => user!.name)).toEqual(['beta']),
  },
  {
    command: 'preauthkeys expire',
    line: async (server) => ['preauthkeys', 'expire', '--id', await lastKey(server)],
    schema: 'pre-auth-key',
    check: (answer: Key) => near(answer.expiration, 0),
  },
  {
    command: 'preauthkeys prune',
    since: 28,
    line: () => ['preauthkeys', 'prune', '--force'],
    schema: 'pre-auth-keys',
    async check(answer: Key[], {json}) {
      expect(answer.length).toBe(1)
      expect((await json<Key[]>('preauthkeys', 'list')).map(({id}) => id)).not.toContain(answer[0]!.id)
    },
  },
  {
    command: 'preauthkeys delete',
    since: 28,
    line: async (server) => ['preauthkeys', 'delete', '--id', await lastKey(server)],
    schema: 'pre-auth-key',
    async check({id}: Key, {json}) {
      expect((await json<Key[]>('preauthkeys', 'list')).map((key) => key.id)).not.toContain(id)
    },
  },
  {
    command: 'apikeys create',
    line: () => ['apikeys', 'create', '--expiration', '1d'],
    schema: 'api-key',
    check(answer: Key) {
      expect(answer.key).not.toBe(null)
      near(answer.expiration, DAY)
    },
  },
  {
    command: 'apikeys list',
    line: () => ['apikeys', 'list'],
    schema: 'api-keys',
    check: (answer: Key[]) => expect(answer.map(({key}) => key)).not.toContain(expect.any(String)),
  },
  {
    command: 'apikeys expire',
    line: async (server) => ['apikeys', 'expire', '--id', await lastApiKey(server)],
    schema: 'api-key',
    check: (answer: Key) => near(answer.expiration, 0),
  },
  {
    command: 'apikeys delete',
    since: 23,
    line: async (server) => ['apikeys', 'delete', '--id', await lastApiKey(server)],
    schema: 'api-key',
    async check({id}: Key, {json}) {
      expect((await json<Key[]>('apikeys', 'list')).map((key) => key.id)).not.toContain(id)
    },
  },
  {
    command: 'apikeys prune',
    since: 23,
    async line(server) {
      await server.json('apikeys', 'create', '--expiration', '1d')
      await server.json('apikeys', 'expire', '--id', await lastApiKey(server))
      return ['apikeys', 'prune', '--force']
    },
    schema: 'api-keys',
    async check(answer: Key[], {json}) {
      expect(answer.length).toBe(1)
      expect((await json<Key[]>('apikeys', 'list')).map(({id}) => id)).not.toContain(answer[0]!.id)
    },
  },
  {
    command: 'apikeys rotate',
    async line(server) {
      await server.json('apikeys', 'create', '--expiration', '1d')
      return ['apikeys', 'rotate', await lastApiKey(server)]
    },
    schema: 'api-key',
    async check(answer: Key, {json}) {
      const [old, fresh] = (await json<Key[]>('apikeys', 'list')).slice(-2)
      expect([answer.id, answer.key]).toEqual([fresh!.id, expect.stringMatching(/^\S{24,}$/)])
      near(answer.expiration, 90 * DAY)
      near(old!.expiration, 0)
    },
  },
  {
    command: 'auth approve',
    since: 29,
    line: async (server) => ['auth', 'approve', '--auth-id', await waiting(server, 'asker')],
    check: (answer: object) => expect(answer).toEqual({decision: 'approve'}),
  },
  {
    command: 'auth reject',
    since: 29,
    line: async (server) => ['auth', 'reject', '--auth-id', await waiting(server, 'asker')],
    check: (answer: object) => expect(answer).toEqual({decision: 'reject'}),
  },
  {
    command: 'oauth-clients list',
    since: 30,
    line: () => ['oauth-clients', 'list'],
    check: (answer: unknown[]) => expect(answer).toEqual([]),
  },
  {
    command: 'oauth-clients create',
    since: 30,
    line: () => ['oauth-clients', 'create', '--scope', 'users:read'],
    check: (answer: object) => expect(answer).toMatchObject({scopes: ['users:read'], key: expect.any(String)}),
  },
  {
    command: 'oauth-clients delete',
    since: 30,
    async line({json, minor}) {
      if (minor < 30) return ['oauth-clients', 'delete', '-i', '1']
      const [client] = await json<{id: string}[]>('oauth-clients', 'list')
      return ['oauth-clients', 'delete', '-i', client!.id]
    },
    async check(_answer: object, {json}) {
      expect(await json('oauth-clients', 'list')).toEqual([])
    },
  },
  {
    command: 'setup join',
    line: () => ['setup', 'join', ...SERVER_URL, '--user', 'beta', '--subnet', '10.9.0.0/16'],
    schema: 'setup-join',
    async check({key, lines}: {key: Key; lines: string[]}, {json}) {
      expect(lines.at(-1)).toContain(` --auth-key ${key.key} --accept-routes --advertise-routes 10.9.0.0/16`)
      const keys = await json<Key[]>('preauthkeys', 'list', '--user', 'beta')
      expect(keys.map(({id}) => id)).toContain(key.id)
    },
  },
  {
    command: 'setup join --tag',
    since: 17,
    line: () => ['setup', 'join', ...SERVER_URL, '--user', 'beta', '--tag', 'tag:ci'],
    schema: 'setup-join',
    check: ({key}: {key: Key}) => expect(key).toMatchObject({user: {name: 'beta'}, aclTags: ['tag:ci']}),
  },
]

const SERVER_URL = ['--server-url', 'https://hs.example.com']

/** A policy that every release accepts: tags with an owner, everything else allowed. Comments are kept. */
const POLICY =
  '// made by a test\n{"tagOwners": {"tag:ci": [], "tag:prod": []}, "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}\n'

/** Another one, for the user of the nodes; 0.15 has other names for keys. */
function policyOf(minor: number): string {
  const alpha = minor >= 26 ? 'alpha@' : 'alpha'
  return minor > 15
    ? `// made by apply\n{"tagOwners": {"tag:ci": [], "tag:prod": []}, "acls": [{"action": "accept", "src": ["${alpha}"], "dst": ["${alpha}:*"]}]}\n`
    : '{"ACLs": [{"Action": "accept", "Users": ["alpha"], "Ports": ["alpha:*"]}]}\n'
}
