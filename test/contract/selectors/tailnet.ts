/**
 * The tailnet that selectors are tested on, the same on the sandbox and on real servers, where times, owners and pre-auth
 * keys of nodes are written into the database, as clients and single sign-on would.
 */
import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {expect} from 'vitest'
import {advertise} from '../../support/advertise.ts'
import type {Fixture, TestTailnet} from '../../support/fixture.ts'

const DAY = 86_400_000
const START = Date.now()
/** Days from now, in whole seconds. */
const days = (count: number) => new Date(Math.floor((START + count * DAY) / 1000) * 1000)
const IDP = 'https://idp.example.com/u'

interface TestNode {
  name: string
  /** The number of its user; the tagged node has none since 0.28. */
  user: string
  givenName?: string
  created?: Date
  seen?: Date
  expiry?: Date
  tags?: string[]
  routes?: string[]
  approved?: string[]
  online?: boolean
  /** The pre-auth key it joined with. */
  key?: number
  /** Its user exists only where single sign-on makes users without a name of their own (0.24+). */
  sso?: boolean
}

const A = '10.0.0.0/24'
const B = '10.2.0.0/24'
const EXIT = ['0.0.0.0/0', '::/0']

/** Node N has the id N. A node without `seen` was never seen. */
const NODES: readonly TestNode[] = [
  {name: 'web-1', user: '1', created: days(-100), seen: days(-1), routes: [A], approved: [A], online: true},
  {name: 'web-2', user: '2', created: days(-50), seen: days(-40), tags: ['tag:ci'], routes: [A, B]},
  {name: 'db-3', user: '2', created: days(-60), expiry: days(-1), key: 1},
  {name: 'db-4', user: '2', givenName: 'gate', expiry: days(3), routes: EXIT, approved: EXIT},
  {name: 'sso-5', user: '4', sso: true},
  {name: 'sso-6', user: '5', sso: true},
]

/** User N has the id N. The last two have no user name, and the name of another. */
const USERS = [
  {name: 'alice'},
  {name: 'bob', createdAt: days(-100)},
  {name: 'carol'},
  {name: '', providerId: `${IDP}/4`},
  {name: 'alice', providerId: `${IDP}/5`},
]

/** Key N has the id N. */
const KEYS = [
  {user: 'carol', reusable: true, ephemeral: true, created: days(-100), expiration: days(90)},
  {user: 'bob', used: true, created: days(-10), expiration: days(-1)},
  {user: 'bob', tags: ['tag:ci'], created: days(0), expiration: days(3)},
]

const isHere = (minor: number) => (node: TestNode) => !node.sso || minor >= 24

const policyFor = (minor: number) =>
  JSON.stringify({
    tagOwners: Object.fromEntries(['tag:ci', 'tag:new'].map((tag) => [tag, [minor >= 26 ? 'bob@' : 'bob']])),
    acls: [{action: 'accept', src: ['*'], dst: ['*:*']}],
  })

export const selectorTailnet: TestTailnet = {
  seed: (minor) => ({
    prefixes: ['10.1.0.0/16'],
    users: USERS.slice(0, minor >= 24 ? 5 : 3).map(({createdAt, ...user}) => ({
      ...user,
      ...(createdAt && {createdAt: createdAt.toISOString()}),
    })),
    nodes: NODES.filter(isHere(minor)).map((node) => ({
      name: node.name,
      user: minor >= 24 ? `id:${node.user}` : USERS[Number(node.user) - 1]!.name,
      online: node.online ?? false,
      routes: node.routes ?? [],
      approved: node.approved ?? [],
      ...(minor >= 16 && node.givenName !== undefined && {givenName: node.givenName}),
      ...(minor >= 16 && node.tags && {tags: node.tags}),
      ...(node.created && {createdAt: node.created.toISOString()}),
      ...(node.seen && {lastSeen: node.seen.toISOString()}),
      ...(node.expiry && {expiry: node.expiry.toISOString()}),
      ...(node.key !== undefined && {preAuthKey: node.key}),
    })),
    preAuthKeys: KEYS.map(({tags, created, expiration, ...key}) => ({
      ...key,
      ...(minor >= 17 && tags && {tags}),
      createdAt: created.toISOString(),
      expiration: expiration.toISOString(),
    })),
    ...(minor >= 23 && {policy: policyFor(minor)}),
  }),
  fill: fillReal,
}

async function fillReal({run, file, minor, server}: Fixture): Promise<void> {
  const ok = async (...argv: string[]) => {
    const outcome = await run(argv)
    expect(outcome, argv.join(' ')).toMatchObject({status: 0})
    return outcome.stdout
  }
  const real = server.real!
  const nodes = NODES.filter(isHere(minor))
  for (const name of ['alice', 'bob', 'carol']) await ok('users', 'create', name)
  if (minor >= 23) await ok('policy', 'set', '-f', file(policyFor(minor)))
  for (const {name, user, routes = []} of nodes) {
    const owner = USERS[Math.min(Number(user), 3) - 1]!.name
    const offered = routes.flatMap((prefix) => ['-r', prefix])
    const made = await ok('debug', 'create-node', '--name', name, '-u', owner, ...offered, '-o', 'json')
    const {registrationKey} = JSON.parse(made) as {registrationKey: string}
    await ok('nodes', 'register', '-u', owner, '--key', registrationKey)
  }
  for (const {user, reusable, ephemeral, tags} of KEYS) {
    const flags = [...(reusable ? ['--reusable'] : []), ...(ephemeral ? ['--ephemeral'] : [])]
    await ok('preauthkeys', 'create', '-u', user, ...flags, ...(tags && minor >= 17 ? ['--tags', tags.join(',')] : []))
  }
  await advertise(real, Object.fromEntries(nodes.map(({routes = []}, index) => [index + 1, routes])))
  for (const [index, {approved = [], tags, givenName}] of nodes.entries()) {
    const node = ['-i', String(index + 1)]
    for (const prefix of approved) await ok('routes', 'enable', ...node, '-r', prefix)
    if (tags) await ok('nodes', 'tag', ...node, '-t', tags.join(','))
    if (givenName) await ok('nodes', 'rename', ...node, givenName)
  }
  await real.halt()
  // Nodes that have been away for long must not be removed meanwhile.
  appendFileSync(real.configPath, '\nephemeral_node_inactivity_timeout: 24h\n')
  const database = new DatabaseSync(join(real.folder, 'db.sqlite'))
  try {
    writeTimes(database, minor, nodes)
  } finally {
    database.close()
  }
  await real.start()
}

function writeTimes(database: DatabaseSync, minor: number, nodes: readonly TestNode[]): void {
  const table = minor <= 22 ? 'machines' : 'nodes'
  const set = (from: string, id: number, fields: Record<string, string | number | null | undefined>) => {
    for (const [column, value] of Object.entries(fields)) {
      if (value !== undefined) database.prepare(`UPDATE ${from} SET ${column} = ? WHERE id = ?`).run(value, id)
    }
  }
  if (minor >= 24) {
    const insert = database.prepare(
      `INSERT INTO users (created_at, updated_at, name, display_name, email, provider_identifier, provider, profile_pic_url)
       VALUES (?, ?, ?, '', '', ?, 'oidc', '')`,
    )
    for (const {name, providerId} of USERS.slice(3)) insert.run(sqlTime(days(0))!, sqlTime(days(0))!, name, providerId!)
  }
  for (const [index, {name, user, created, seen, expiry, key, online, sso}] of nodes.entries()) {
    const seenAt = online && onlineByTime(minor) ? days(1) : seen
    set(table, index + 1, {
      created_at: sqlTime(created),
      last_seen: seenAt ? sqlTime(seenAt)! : null,
      expiry: sqlTime(expiry),
      auth_key_id: key,
      user_id: sso ? Number(user) : undefined,
    })
    if (minor >= 29)
      database.exec(`UPDATE nodes SET host_info = json_set(host_info, '$.Hostname', '${name}') WHERE id = ${index + 1}`)
  }
  for (const [index, {created, expiration, used}] of KEYS.entries()) {
    set('pre_auth_keys', index + 1, {
      created_at: sqlTime(created),
      expiration: sqlTime(expiration),
      used: used ? 1 : undefined,
    })
  }
  set(minor <= 18 ? 'namespaces' : 'users', 2, {created_at: sqlTime(days(-100))})
}

const sqlTime = (time: Date | undefined) =>
  time
    ?.toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '+00:00')

/** Up to 0.22 a machine that was seen lately is online; later only one whose client is connected. */
const onlineByTime = (minor: number) => minor <= 22

/** What the test expects of a server. */
export interface Facts {
  nodes: readonly string[]
  /** Nodes of bob. */
  ofBob: readonly string[]
  /** Nodes of the users without a name, and of the second alice. */
  sso: readonly string[]
  otherAlice: readonly string[]
  online: readonly string[]
  routesOf: Readonly<Record<string, readonly string[]>>
  /** Keys by id, in the order of the list. */
  apiKeys: {
    all: readonly string[]
    /** Valid for a day, and for 400. */
    short: string
    long: string
    /** The key of requests over REST. */
    inUse: readonly string[]
  }
}

/** Creates the API keys too, which a tailnet does not have by itself. */
export async function factsOf({minor, server, capabilities, api, json}: Fixture): Promise<Facts> {
  const real = server.real !== null
  const nodes = NODES.filter(isHere(minor)).map(({name}) => name)
  const only = (...names: string[]) => names.filter((name) => nodes.includes(name))
  const created = async (expiration: string) =>
    (await json<{id: string}>('apikeys', 'create', '--expiration', expiration)).id
  const [short, long] = [await created('1d'), await created('400d')]
  const keys = await api.apiKeys.list()
  return {
    nodes,
    ofBob: capabilities.tagsArePermanent ? ['db-3', 'db-4'] : ['web-2', 'db-3', 'db-4'],
    sso: only('sso-5'),
    otherAlice: only('sso-6'),
    online: !real || onlineByTime(minor) ? ['web-1'] : [],
    routesOf: {'web-1': [A], 'web-2': [A, B], 'db-4': EXIT},
    apiKeys: {
      all: keys.map(({id}) => id),
      short,
      long,
      inUse: keys.filter((key) => api.apiKeys.isInUse(key)).map(({id}) => id),
    },
  }
}
