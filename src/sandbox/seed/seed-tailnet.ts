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
  const owners = ownersByWord(users)
  // 0.29 takes the user from a node with tags; the rules of earlier releases ask for it.
  const withUsers = nodes.map((node, index) => {
    const user = seed.nodes?.[index]?.user ?? null
    return user === null ? node : {...node, userId: node.userId ?? owners.get(user) ?? null}
  })
  return policyTailnet({users, nodes: withUsers})
}

/** The id of a user for each word by which a node of a seed can refer to it: a name counts before an e-mail address and a provider ID. */
function ownersByWord(users: readonly User[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const wordOf of WORDS) for (const user of users.toReversed()) owners.set(wordOf(user), user.id)
  return owners
}

const WORDS: readonly ((user: User) => string)[] = [
  ({providerId}) => providerId,
  ({email}) => email,
  ({name}) => name,
  ({id}) => `id:${id}`,
]
