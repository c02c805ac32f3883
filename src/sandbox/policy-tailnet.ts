import type {Tailnet as PolicyTailnet} from '../policy/compile/tailnet.ts'
import type {Tailnet} from './tailnet.ts'

/** What a policy is about in the state of the sandbox: users, and nodes with their tags, addresses and routes. */
export function policyTailnet({users, nodes}: Pick<Tailnet, 'users' | 'nodes'>): PolicyTailnet {
  return {
    users: users.map(({id, name, email, providerId}) => ({id, name, email, providerId: providerId || null})),
    nodes: nodes.map(({givenName, userId, tags, addresses, advertised, approved, online, expiry}) => ({
      name: givenName,
      userId,
      tags,
      addresses: addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':'))),
      routes: advertised.filter((route) => approved.includes(route)),
      state: {isOnline: online, expiry, available: [...advertised], approved: [...approved], serving: null},
    })),
  }
}
