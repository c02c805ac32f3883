/** The users and nodes of a server in the form that policies are checked and compiled for. */
import type {ControlApi} from '../../api/control-api.ts'
import {nodeName} from '../../domain/node.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {withRoutes} from '../nodes/with-routes.ts'

/** Sends one request for each list. */
export async function readServerTailnet(api: ControlApi): Promise<Tailnet> {
  const [users, nodes] = await Promise.all([api.users.list(), api.nodes.list().then((all) => withRoutes(api, all))])
  return {
    users: users.map(({id, name, email, providerId}) => ({
      id,
      name,
      email: email ?? '',
      providerId: providerId || null,
    })),
    nodes: nodes.map((node) => ({
      name: nodeName(node),
      userId: node.user?.id ?? null,
      tags: node.tags,
      addresses: node.ipAddresses,
      routes: (node.routes?.available ?? []).filter((prefix) => node.routes?.approved.includes(prefix)),
      state: {
        isOnline: node.online,
        expiry: node.expiry,
        available: node.routes?.available ?? [],
        approved: node.routes?.approved ?? [],
        serving: node.routes?.serving ?? null,
      },
    })),
  }
}
