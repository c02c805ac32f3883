/** What `upgrade plan` uses of a running server. */
import type {ControlApi, ListenerNames} from '../api/control-api.ts'
import type {UpgradeServer} from '../setup/upgrade/server.ts'
import {exportPolicy} from './export/export-policy.ts'
import {clientVersions} from './nodes/host-facts.ts'
import {readTailnet} from './read-tailnet.ts'

/** Of keys that were made up to 0.23. */
const LONG_PREFIX = /^[\w-]{10}$/

/** @throws HeadscaleError of the requests; a policy that the server does not give is null */
export async function readUpgradeServer(api: ControlApi, now: Date, names: ListenerNames): Promise<UpgradeServer> {
  const [tailnet, policy, clients] = await Promise.all([
    readTailnet(api, now),
    exportPolicy(api),
    clientVersions(api, names),
  ])
  const {users, nodes, preAuthKeys, apiKeys, unlisted} = tailnet
  return {
    users: users.map(({id, name, email, providerId}) => ({id, name, email: email ?? '', providerId})),
    nodes: nodes.map(({id, hostName, givenName, user, tags, ipAddresses}) => ({
      name: givenName ?? hostName,
      userId: user?.id ?? null,
      tags,
      addresses: ipAddresses,
      client: clients.versions.get(id) ?? null,
    })),
    approvedRoutes: nodes.reduce((sum, {routes}) => sum + (routes?.approved.length ?? 0), 0),
    preAuthKeys: unlisted.length > 0 ? null : preAuthKeys.length,
    longApiKeys: apiKeys.filter(({prefix}) => LONG_PREFIX.test(prefix)).map(({id, prefix}) => ({id, prefix})),
    policy: policy.text,
    clientsUnknown: clients.unknown,
  }
}
