/** Columns of node lists. */
import {isExpired, type Node, nodeName, shortKey, shortVersion} from '../../domain/node.ts'
import {maskedKey} from '../../domain/pre-auth-key.ts'
import {userLabel} from '../../domain/user.ts'
import {nameReference} from '../reference.ts'
import {timeLeft} from '../time.ts'
import type {ListSpec, Shown} from './column.ts'
import {ownerHeading} from './headings.ts'

/** In the order of `-o wide`, CSV and TSV. */
export const NODES: ListSpec<Node> = {
  name: (node) => nameReference({id: node.id, name: node.givenName ?? node.hostName}),
  id: ({id}) => id,
  columns: [
    {id: 'id', header: 'ID', description: 'ID of the node', value: ({id}) => id},
    {
      id: 'hostname',
      field: 'name',
      aliases: ['host-name'],
      header: 'Hostname',
      description: 'host name that the client reports',
      value: ({hostName}) => hostName,
      narrow: {cut: true},
    },
    {
      id: 'name',
      field: 'given-name',
      header: 'Name',
      description: 'name in lists and in MagicDNS; the host name on headscale 0.15',
      value: ({givenName, hostName}) => givenName ?? hostName,
      text: nodeName,
      narrow: {cut: true},
    },
    {
      id: 'machine-key',
      header: 'MachineKey',
      description: 'machine key; short in tables',
      value: ({machineKey}) => machineKey,
      text: ({machineKey}) => shortKey(machineKey),
    },
    {
      id: 'node-key',
      header: 'NodeKey',
      description: 'node key; short in tables',
      value: ({nodeKey}) => nodeKey,
      text: ({nodeKey}) => shortKey(nodeKey),
      narrow: {leaveOut: 1},
    },
    {
      id: 'disco-key',
      header: 'DiscoKey',
      description: 'disco key; short in tables',
      value: ({discoKey}) => discoKey,
      text: ({discoKey}) => shortKey(discoKey),
      detail: true,
    },
    {
      id: 'user',
      aliases: ['namespace', 'owner'],
      header: ({ownerWord}) => ownerHeading(ownerWord),
      description: 'user that owns the node',
      value: ({user}) => user && userLabel(user),
      text: ownerCell,
      narrow: {cut: true},
    },
    {
      id: 'user-id',
      header: ({ownerWord}) => `${ownerHeading(ownerWord)} ID`,
      description: 'ID of that user',
      value: ({user}) => user && user.id,
      detail: true,
    },
    {
      id: 'tags',
      header: 'Tags',
      description: 'tags, comma-separated',
      value: ({tags}) => tags,
      narrow: {cut: true},
    },
    {
      id: 'ip-addresses',
      aliases: ['ip', 'ips', 'addresses'],
      header: 'IP addresses',
      description: 'IP addresses, comma-separated',
      value: ({ipAddresses}) => ipAddresses,
      text: ({ipAddresses}) => ipAddresses.join(', '),
      addresses: true,
      narrow: {short: ({ipAddresses}) => ipAddresses[0] ?? '', cut: true},
    },
    {
      id: 'ephemeral',
      header: 'Ephemeral',
      description: 'whether it is deleted when it goes offline: true or false',
      value: ({preAuthKey}) => preAuthKey?.ephemeral ?? false,
      narrow: {leaveOut: 2},
    },
    {
      id: 'last-seen',
      header: 'Last seen',
      description: 'time of its last contact',
      value: ({lastSeen}) => lastSeen,
      text: ({lastSeen}, {time}) => (lastSeen ? time(lastSeen) : ''),
      narrow: {leaveOut: 11},
    },
    {
      id: 'expiry',
      aliases: ['expiration', 'expires'],
      header: 'Expiration',
      description: 'time when its key expires; - if never',
      value: ({expiry}) => expiry,
      narrow: {leaveOut: 12},
    },
    {
      id: 'online',
      aliases: ['connected'],
      header: 'Online',
      description: 'whether it is online: online or offline in tables, otherwise true or false',
      value: ({online}) => online,
      text: ({online}) => (online ? 'online' : 'offline'),
      tone: ({online}) => (online ? 'good' : 'bad'),
    },
    {
      id: 'expired',
      header: 'Expired',
      description: 'whether its key is expired: yes or no in tables, otherwise true or false',
      value: isExpired,
      text: (node, {now}) => expiredCell(node, now),
      tone: (node, now) => (isExpired(node, now) ? 'bad' : expiresSoon(node, now) ? 'warning' : 'good'),
      narrow: {leaveOut: 13},
    },
    {
      id: 'created-at',
      aliases: ['created'],
      header: 'Created',
      description: 'time of its registration',
      value: ({createdAt}) => createdAt,
      narrow: {leaveOut: 3},
    },
    {
      id: 'register-method',
      header: 'Registered by',
      description: 'auth-key, cli or oidc (headscale 0.23 or later)',
      value: ({registerMethod}) => registerMethod,
    },
    {
      id: 'pre-auth-key',
      header: 'Pre-auth key',
      description: 'pre-auth key that registered it, masked',
      value: ({preAuthKey}) => preAuthKey && maskedKey(preAuthKey.key),
      detail: true,
    },
    {
      id: 'approved-routes',
      header: 'Approved routes',
      description: 'approved prefixes, comma-separated',
      value: ({routes}) => routes && routes.approved,
      text: ({routes}) => listCell(routes && routes.approved),
      addresses: true,
      narrow: {cut: true},
    },
    {
      id: 'available-routes',
      header: 'Available routes',
      description: 'prefixes that it advertises, comma-separated',
      value: ({routes}) => routes && routes.available,
      text: ({routes}) => listCell(routes && routes.available),
      addresses: true,
      narrow: {cut: true},
    },
    {
      id: 'subnet-routes',
      aliases: ['serving-routes'],
      header: 'Serving routes',
      description: 'prefixes that it serves now, comma-separated (headscale 0.18 or later)',
      value: ({routes}) => routes && routes.serving,
      text: ({routes}) => listCell(routes && routes.serving),
      addresses: true,
      narrow: {cut: true},
    },
    {
      id: 'os',
      header: 'OS',
      description: 'system that the client reports (headscale 0.27 or later, on the machine of the server)',
      value: ({client}) => client && client.os,
    },
    {
      id: 'os-version',
      header: 'OS version',
      description: 'its version; on Linux that of the distribution',
      value: ({client}) => client && client.osVersion,
      detail: true,
    },
    {
      id: 'client-version',
      aliases: ['version'],
      header: 'Client',
      description: 'version of the client; short in tables',
      value: ({client}) => client && client.version,
      text: ({client}) => (client?.version ? shortVersion(client.version) : '-'),
    },
    {
      id: 'endpoints',
      header: 'Endpoints',
      description: 'addresses and ports at which it can be reached directly, comma-separated',
      value: ({client}) => client && client.endpoints,
      text: ({client}) => listCell(client && client.endpoints),
    },
  ],
}

/** The columns of what clients report, which need a request to another address of the server. */
export const CLIENT_COLUMN_IDS = ['os', 'os-version', 'client-version', 'endpoints'] as const

/** The columns with routes; up to 0.25 the server needs further calls for them. */
export const ROUTE_COLUMN_IDS = ['approved-routes', 'available-routes', 'subnet-routes'] as const

/** The documented nine columns of `nodes list`. @param tags add a column of tags */
export function shownNodeColumns({tags}: {tags: boolean}): Shown[] {
  return [
    'id',
    'name',
    'node-key',
    'user',
    'ip-addresses',
    'ephemeral',
    'last-seen',
    'online',
    'expired',
    ...(tags ? ['tags'] : []),
  ]
}

/** The columns of `nodes list-routes`, with the headers of headscale. */
export const SHOWN_ROUTE_COLUMNS: readonly Shown[] = [
  'id',
  {id: 'name', header: 'Hostname'},
  {id: 'approved-routes', header: 'Approved'},
  {id: 'available-routes', header: 'Available'},
  {id: 'subnet-routes', header: 'Serving (Primary)'},
]

/** How long before its expiry a node is shown as expiring soon. */
const SOON_MS = 7 * 24 * 60 * 60 * 1000

function expiresSoon({expiry}: Node, now: Date): boolean {
  return expiry !== null && expiry.getTime() - now.getTime() < SOON_MS
}

/** `yes`, `no`, or `no (4d)` with the remaining time of a node that expires within a week. */
function expiredCell(node: Node, now: Date): string {
  if (isExpired(node, now)) return 'yes'
  return node.expiry !== null && expiresSoon(node, now) ? `no (${timeLeft(node.expiry, now)})` : 'no'
}

/** A node that belongs to its tags (0.28+) has no user; headscale's own list shows this word instead. */
function ownerCell({user, tags}: Node): string {
  if (user) return userLabel(user)
  return tags.length > 0 ? 'tagged-devices' : ''
}

function listCell(prefixes: readonly string[] | null): string {
  return prefixes === null ? '-' : prefixes.join(', ')
}
