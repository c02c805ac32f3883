/** The tailnets that the contract suites start from, the same on every server. */
import {expect} from 'vitest'
import type {ControlApi} from '../../src/api/control-api.ts'
import {advertise} from './advertise.ts'
import type {Fixture, TestTailnet} from './fixture.ts'

/** Registers a fake client (`debug create-node`). */
async function join(api: ControlApi, name: string, routes: string[] = []): Promise<void> {
  const user = (await api.users.list()).find((candidate) => candidate.name === 'default')!
  const {registrationKey} = await api.debug.createNode({name, user, rawKey: null, routes})
  await api.nodes.register({user, rawKey: registrationKey})
}

/**
 * Names that are shared or look like an ID: user default with the nodes 1 router, 2 and 3 whose clients are both called
 * nas, and 4 called 97; users spare and, where names may be digits, 1. Where nodes have given names, 2 and 3 are first and
 * second. Router advertises the routes; from 0.18 to 0.25 a fake node never gets its routes, and from 0.29 on it loses
 * them when it is registered (`fixture.offers`).
 */
export function smallTailnet(routes: string[] = ['10.0.0.0/24']): TestTailnet {
  return {
    async fill({api, capabilities}) {
      await api.users.create({name: 'default'})
      if (capabilities.userNameRule === 'dns') await api.users.create({name: '1'})
      await api.users.create({name: 'spare'})
      await join(api, 'router', routes)
      for (const name of ['nas', 'nas', '97']) await join(api, name)
      if (!capabilities.givenNames) return
      const nodes = await api.nodes.list()
      await api.nodes.rename(nodes[1]!, 'first')
      await api.nodes.rename(nodes[2]!, 'second')
    },
  }
}

export const ROUTES = {n1: ['10.0.0.0/24', '10.2.0.0/24'], n2: ['0.0.0.0/0', '::/0'], n3: []} as const

/**
 * Nodes with routes: users alpha and beta; nodes n1 with two subnets, n2 an exit node, n3 with neither, all of alpha; a
 * policy that knows tag:ci and tag:prod (0.23+).
 */
export const routedTailnet: TestTailnet = {
  seed: (minor) => ({
    prefixes: ['10.1.0.0/16'],
    users: [{name: 'alpha'}, {name: 'beta'}],
    nodes: Object.entries(ROUTES).map(([name, routes]) => ({name, user: 'alpha', online: false, routes: [...routes]})),
    ...(minor >= 23 && {policy: policyFor(minor)}),
  }),
  async fill({run, file, minor, server}: Fixture) {
    const ok = async (...argv: string[]) => {
      const outcome = await run(argv)
      expect(outcome, argv.join(' ')).toMatchObject({status: 0})
      return outcome.stdout
    }
    await ok('users', 'create', 'alpha')
    await ok('users', 'create', 'beta')
    if (minor >= 23) await ok('policy', 'set', '-f', file(policyFor(minor)))
    for (const [name, routes] of Object.entries(ROUTES)) {
      const offered = routes.flatMap((prefix) => ['-r', prefix])
      const made = await ok('debug', 'create-node', '--name', name, '-u', 'alpha', ...offered, '-o', 'json')
      const {registrationKey} = JSON.parse(made) as {registrationKey: string}
      await ok('nodes', 'register', '-u', 'alpha', '--key', registrationKey)
    }
    await advertise(server.real!, Object.fromEntries(Object.values(ROUTES).map((routes, index) => [index + 1, routes])))
  },
}

/** Allows everything; both tags belong to alpha, which newer policies write with an @. */
export function policyFor(minor: number): string {
  const owner = minor >= 26 ? 'alpha@' : 'alpha'
  return JSON.stringify({
    tagOwners: {'tag:ci': [owner], 'tag:prod': [owner]},
    acls: [{action: 'accept', src: ['*'], dst: ['*:*']}],
  })
}
