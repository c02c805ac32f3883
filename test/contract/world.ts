/**
 * A small tailnet that every server can be brought to, sandbox or real, and a look at all of it that a test compares:
 * a refusal must leave it as it was. Its nodes are made up (`debug create-node`): from 0.18 to 0.25 such a node never
 * gets its routes, from 0.29 on it loses them when it is registered, which `offers` tells.
 */
import {expect} from 'vitest'
import type {Connection} from '../../src/api/connect.ts'
import type {ControlApi} from '../../src/api/control-api.ts'
import type {Capabilities} from '../../src/api/capabilities.ts'
import type {User} from '../../src/domain/user.ts'
import {type Outcome, runChild, runHere} from '../support/program.ts'
import type {ServerSpec, TestServer} from '../support/servers.ts'

export interface World {
  server: TestServer
  api: ControlApi
  capabilities: Capabilities
  /** `namespace` or `user`. */
  word: Capabilities['ownerWord']
  /** What node 1 advertises as the server sees it: its route, or nothing. */
  offers: string[]
  /** Node 1 as messages name it. */
  router: string
  /** The same of the nodes 2 and 3. */
  twins: string[]
  /** Whether node 1 can get approved routes: it has them, or they can be approved beforehand. */
  canHaveRoutes: boolean
  /** Everything that can be changed. */
  look(): Promise<unknown>
  /** The program in this process. @param answer what is said to a question; nobody is there without it */
  run(argv: readonly string[], answer?: boolean): Promise<Outcome>
  /** The same with -o json: it must go well without a word on stderr. @returns what it printed */
  json<T>(...argv: string[]): Promise<T>
  /** The executable, as a child process. */
  spawn(argv: readonly string[]): Promise<Outcome>
  close(): Promise<void>
}

/** Registers a made-up client. */
export async function join(api: ControlApi, name: string, routes: string[] = []): Promise<void> {
  const user = (await api.users.list()).find((candidate) => candidate.name === 'default')!
  const {registrationKey} = await api.debug.createNode({name, user, rawKey: null, routes})
  await api.nodes.register({user, rawKey: registrationKey})
}

async function lookAt(api: ControlApi): Promise<unknown> {
  const nodes = await api.nodes.list()
  const users: User[] = await api.users.list()
  const routes = await api.routes.list(nodes)
  return {
    users: users.map(({id, name}) => ({id, name})),
    nodes: nodes.map(({id, givenName, tags, user, expiry}) => ({id, givenName, tags, user: user?.name, expiry})),
    routes: routes.map(({node, prefix, approved}) => ({node: node.id, prefix, approved})),
    preAuthKeys: (await api.preAuthKeys.list(users)).map(({id, expiration}) => ({id, expiration})),
    apiKeys: (await api.apiKeys.list()).map(({id, expiration}) => ({id, expiration})),
  }
}

/**
 * Starts a server with: user default with the nodes 1 router (which advertises 10.0.0.0/24 or the routes given), 2 and 3 whose clients are both called nas,
 * and 4 called 97; users spare and, where names may be digits, 1. Where nodes have given names, 2 and 3 are first and
 * second.
 */
export async function startWorld(
  spec: ServerSpec,
  {routes = ['10.0.0.0/24']}: {routes?: string[]} = {},
): Promise<World> {
  const server = await spec.start()
  let connection: Connection | null = null
  try {
    connection = await server.connect()
    const {api} = connection
    const {capabilities} = api.server
    await api.users.create({name: 'default'})
    if (capabilities.userNameRule === 'dns') await api.users.create({name: '1'})
    await api.users.create({name: 'spare'})
    await join(api, 'router', routes)
    for (const name of ['nas', 'nas', '97']) await join(api, name)
    const nodes = await api.nodes.list()
    if (capabilities.givenNames) {
      await api.nodes.rename(nodes[1]!, 'first')
      await api.nodes.rename(nodes[2]!, 'second')
    }
    const {env} = server
    const offers = (await api.routes.ofNode(nodes[0]!)).map(({prefix}) => prefix)
    const named = (id: string, name: string) => {
      const {ipAddresses, online} = nodes.find((node) => node.id === id)!
      return `${name} (id ${id}, default, ${ipAddresses[0]}, ${online ? 'online' : 'offline'})`
    }
    const {givenNames} = capabilities
    const twins = [named('2', givenNames ? 'first' : 'nas'), named('3', givenNames ? 'second' : 'nas')]
    const run: World['run'] = (argv, answer) => runHere(argv, {env, ...(answer !== undefined && {answer})})
    return {
      server,
      api,
      capabilities,
      word: capabilities.ownerWord,
      offers,
      router: named('1', 'router'),
      twins,
      canHaveRoutes: offers.length > 0 || capabilities.routes === 'node-sets',
      look: () => lookAt(api),
      run,
      async json<T>(...argv: string[]) {
        const {status, stdout, stderr} = await run([...argv, '-o', 'json'])
        expect([status, stderr], argv.join(' ')).toEqual([0, ''])
        return JSON.parse(stdout) as T
      },
      spawn: (argv) => runChild('executable', argv, {env}),
      async close() {
        connection?.close()
        await server.close()
      },
    }
  } catch (error) {
    connection?.close()
    await server.close()
    throw error
  }
}
