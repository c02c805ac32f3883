/** Changes of routes, in the form that a dry run prints. */
import {type Change, otherChange} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'
import {describeNode, nodeName} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {listText} from './route-sets.ts'

/** One route of a node that is enabled or disabled. */
export function routeChange(node: Node, prefix: string, {approve}: {approve: boolean}): Change {
  const action = approve ? 'enable' : 'disable'
  return otherChange({
    ...ownerOf(node),
    action,
    kind: 'route',
    name: prefix,
    before: {enabled: !approve},
    after: {enabled: approve},
    summary: `${action} route ${prefix} of node ${describeNode(node)}`,
  })
}

/** All approved routes of a node. */
export function approvalChange(node: Node, before: readonly string[], after: readonly string[]): Change {
  return otherChange({
    ...ownerOf(node),
    action: 'approve-routes',
    kind: 'node',
    id: node.id,
    name: nodeName(node),
    before: {approvedRoutes: [...before]},
    after: {approvedRoutes: [...after]},
    summary: `set the approved routes of node ${describeNode(node)} to: ${listText(after)}`,
  })
}

/** A route that is deleted by its id. */
export function routeDeletion({id, node, prefix, approved}: Route): Change {
  return otherChange({
    action: 'delete',
    kind: 'route',
    id,
    name: prefix,
    before: {enabled: approved},
    summary: `delete route ${id} (${prefix} of ${node ? `node ${nodeName(node)}, id ${node.id}` : 'no node'})`,
  })
}

function ownerOf({user, ipAddresses}: Node): Pick<Change, 'owner' | 'address'> {
  return {owner: user && {id: user.id, name: user.name}, address: ipAddresses[0] ?? null}
}
