/**
 * The users and nodes of a seed as plain values, for commands that need a tailnet and no server. Ids and free addresses are those
 * that the sandbox gives; without pools in the seed they come from headscale's own. The release does not matter for these.
 */
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {policyTailnet} from '../policy-tailnet.ts'
import {loadSimulator} from '../releases/load-simulator.ts'
import type {User} from '../tailnet.ts'
import {applySeed} from './apply-seed.ts'
import {loadSeed} from './seed-file.ts'

/** headscale's pools. */
const POOLS = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48']

/** @param file a seed file, or `guide` @throws HeadscaleError as loadSeed and applySeed */
export async function readSeedTailnet(file: string): Promise<Tailnet> {
  const seed = await loadSeed(file)
  const simulator = await loadSimulator('0.29')
  const {users, nodes} = applySeed({prefixes: POOLS, ...seed}, simulator, () => new Date())
  // 0.29 takes the user from a node with tags; the rules of earlier releases ask for it.
  const withUsers = nodes.map((node, index) => {
    const user = seed.nodes?.[index]?.user ?? null
    const isOwner = ({id, name, email, providerId}: User) => [`id:${id}`, name, email, providerId].includes(user ?? '')
    return user === null ? node : {...node, userId: node.userId ?? users.find(isOwner)?.id ?? null}
  })
  return policyTailnet({users, nodes: withUsers})
}
