/**
 * The users and nodes of a seed as plain values, for commands that need a tailnet and no server. Ids and free addresses are those
 * that the sandbox gives; without pools in the seed they come from headscale's own. The release does not matter for these.
 */
import {loadSimulator} from '../releases/load-simulator.ts'
import {applySeed} from './apply-seed.ts'
import {loadSeed} from './seed-file.ts'

/** headscale's pools. */
const POOLS = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48']

/** What says, beside the policy, whether a node can be reached. */
interface NodeState {
  isOnline: boolean
  expiry: Date | null
  available: string[]
  approved: string[]
  serving: null
}

export interface SeedTailnet {
  users: {id: string; name: string; email: string; providerId: string | null}[]
  /** By id. `routes` are those that are advertised and approved. */
  nodes: {
    name: string
    userId: string | null
    tags: string[]
    addresses: string[]
    routes: string[]
    state: NodeState
  }[]
}

/** @param file a seed file, or `guide` @throws HeadscaleError as loadSeed and applySeed */
export async function readSeedTailnet(file: string): Promise<SeedTailnet> {
  const seed = await loadSeed(file)
  const simulator = await loadSimulator('0.29')
  const {users, nodes} = applySeed({prefixes: POOLS, ...seed}, simulator, () => new Date())
  return {
    users: users.map(({id, name, email, providerId}) => ({id, name, email, providerId: providerId || null})),
    nodes: nodes.map(({givenName, userId, tags, addresses, advertised, approved, online, expiry}) => ({
      name: givenName,
      userId: tags.length > 0 ? null : userId,
      tags,
      addresses: addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':'))),
      routes: advertised.filter((route) => approved.includes(route)),
      state: {isOnline: online, expiry, available: [...advertised], approved: [...approved], serving: null},
    })),
  }
}
