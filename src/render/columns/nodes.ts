/** Columns of the node list: the documented nine. */
import {isExpired, type Node, nodeName, shortKey} from '../../domain/node.ts'
import {userLabel} from '../../domain/user.ts'
import type {Column} from '../table.ts'
import {tableTime, timeLeft} from '../time.ts'
import {ownerHeading} from './headings.ts'

/**
 * @param ownerWord heads the owner column: Namespace up to 0.18, User after
 * @param tags adds a column of tags
 */
export function nodeColumns({
  ownerWord,
  now,
  tags,
}: {
  ownerWord: 'namespace' | 'user'
  now: Date
  tags: boolean
}): readonly Column<Node>[] {
  const columns: Column<Node>[] = [
    {header: 'ID', cell: (node) => node.id},
    {header: 'Name', cell: nodeName},
    {header: 'NodeKey', cell: (node) => shortKey(node.nodeKey)},
    {header: ownerHeading(ownerWord), cell: ownerCell},
    {header: 'IP addresses', cell: (node) => node.ipAddresses.join(', ')},
    {header: 'Ephemeral', cell: (node) => String(node.preAuthKey?.ephemeral ?? false)},
    {header: 'Last seen', cell: (node) => tableTime(node.lastSeen)},
    {
      header: 'Online',
      cell: (node) => (node.online ? 'online' : 'offline'),
      tone: (node) => (node.online ? 'good' : 'bad'),
    },
    {
      header: 'Expired',
      cell: (node) => expiredCell(node, now),
      tone: (node) => (isExpired(node, now) ? 'bad' : expiresSoon(node, now) ? 'warning' : 'good'),
    },
  ]
  return tags ? [...columns, {header: 'Tags', cell: (node) => node.tags.join(',')}] : columns
}

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
