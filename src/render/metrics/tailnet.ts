/**
 * The metrics of a tailnet. What a release does not report has no sample, never a zero; docs/metrics.md describes each.
 *
 * Names begin with `headscale_ts_`, since headscale itself has metrics that begin with `headscale_`. Labels never contain
 * a key, only ids and the beginnings that lists show.
 */
import type {ApiKey} from '../../domain/api-key.ts'
import {type Node, nodeName, pendingRoutes} from '../../domain/node.ts'
import {keyOwner, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {User} from '../../domain/user.ts'
import {userLabel} from '../../domain/user.ts'
import type {Metric, Sample} from './exposition.ts'

/** What was read from a server. */
export interface TailnetFacts {
  users: readonly User[]
  /** With their routes. */
  nodes: readonly Node[]
  preAuthKeys: readonly PreAuthKey[]
  /** Whether these are all of them. */
  hasAllPreAuthKeys: boolean
  apiKeys: readonly ApiKey[]
  server: {releases: string; version: string | null; reportsOnline: boolean; nodeTags: boolean}
}

/** @param version of this program */
export function tailnetMetrics(facts: TailnetFacts, version: string): Metric[] {
  const {users, nodes, preAuthKeys, hasAllPreAuthKeys, apiKeys, server} = facts
  return [
    info('build_info', 'Version of headscale-ts', [{version}]),
    info('server_info', 'Possible releases of the server, and its version where it reports one', [
      {releases: server.releases, version: server.version},
    ]),
    metric('users', 'Number of users', [count(users)]),
    metric('nodes', 'Number of nodes', [count(nodes)]),
    metric('preauthkeys', 'Number of pre-auth keys', hasAllPreAuthKeys ? [count(preAuthKeys)] : []),
    metric('apikeys', 'Number of API keys', [count(apiKeys)]),
    ...nodeMetrics(nodes, server),
    ...keyMetrics(preAuthKeys, apiKeys),
  ]
}

function nodeMetrics(nodes: readonly Node[], {reportsOnline, nodeTags}: TailnetFacts['server']): Metric[] {
  const perNode = (name: string, help: string, value: (node: Node) => number | null) =>
    metric(
      `node_${name}`,
      help,
      samplesOf(nodes, (node) => ({id: node.id, name: nodeName(node)}), value),
    )
  return [
    info(
      'node_info',
      'Facts about the node',
      nodes.map((node) => ({
        id: node.id,
        name: nodeName(node),
        host_name: node.hostName,
        user: node.user && userLabel(node.user),
        tags: nodeTags ? node.tags.toSorted().join(',') : null,
        ephemeral: String(node.preAuthKey?.ephemeral ?? false),
      })),
    ),
    perNode('online', 'Whether the node is online', ({online}) => (reportsOnline ? Number(online) : null)),
    perNode('last_seen_timestamp_seconds', 'Time of its last contact', ({lastSeen}) => seconds(lastSeen)),
    perNode('key_expiry_timestamp_seconds', 'Time when its key expires, if it does', ({expiry}) => seconds(expiry)),
    perNode('available_routes', 'Routes that the node advertises', ({routes}) => routes && routes.available.length),
    perNode('approved_routes', 'Routes that an administrator approved', ({routes}) => routes && routes.approved.length),
    perNode(
      'pending_routes',
      'Advertised routes that wait for approval',
      ({routes}) => routes && pendingRoutes(routes).length,
    ),
    perNode('serving_routes', 'Routes that the node serves now', ({routes}) => routes?.serving?.length ?? null),
  ]
}

function keyMetrics(preAuthKeys: readonly PreAuthKey[], apiKeys: readonly ApiKey[]): Metric[] {
  // A key for one use that was used registers nothing any more.
  const usable = preAuthKeys.filter(({used, reusable}) => reusable || !used)
  const ofApiKey = ({id, prefix}: ApiKey) => ({id, prefix})
  return [
    metric(
      'preauthkey_expiry_timestamp_seconds',
      'Time when the pre-auth key expires, if it does; not for used keys that are for one use',
      samplesOf(
        usable,
        (key) => ({id: key.id, user: keyOwner(key), reusable: String(key.reusable), ephemeral: String(key.ephemeral)}),
        ({expiration}) => seconds(expiration),
      ),
    ),
    metric(
      'apikey_expiry_timestamp_seconds',
      'Time when the API key expires, if it does',
      samplesOf(apiKeys, ofApiKey, ({expiration}) => seconds(expiration)),
    ),
    metric(
      'apikey_last_seen_timestamp_seconds',
      'Time when the API key was last used',
      samplesOf(apiKeys, ofApiKey, ({lastSeen}) => seconds(lastSeen)),
    ),
  ]
}

function metric(name: string, help: string, samples: readonly Sample[]): Metric {
  return {name: `headscale_ts_${name}`, help, samples}
}

/** A metric whose labels are the facts; its value is always 1. */
function info(name: string, help: string, labels: readonly Sample['labels'][]): Metric {
  return metric(
    name,
    `${help}; always 1`,
    labels.map((facts) => ({labels: facts, value: 1})),
  )
}

const count = (things: readonly unknown[]): Sample => ({labels: {}, value: things.length})

/** A sample for each item with a value. */
function samplesOf<Item>(
  items: readonly Item[],
  labels: (item: Item) => Sample['labels'],
  value: (item: Item) => number | null,
): Sample[] {
  return items.flatMap((item) => {
    const number = value(item)
    return number === null ? [] : [{labels: labels(item), value: number}]
  })
}

function seconds(time: Date | null): number | null {
  return time && Math.floor(time.getTime() / 1000)
}
