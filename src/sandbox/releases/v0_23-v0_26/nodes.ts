/**
 * Nodes of 0.23 to 0.26: lookup, names, tags, expiry, routes, addresses.
 *
 * Id 0 is the first node: calls that read, delete or move use it, the others change nothing and return it.
 * Behaviour: hscontrol/grpcv1.go and db/node.go at v0.23.0, v0.25.1 and v0.26.1.
 */
import {checkDnsName, tagFault} from '../../names.ts'
import {comparePrefixes, EXIT_ROUTES} from '../../prefix.ts'
import {invalidArgument, serverError, type ServerError} from '../../server-error.ts'
import type {Node, RouteRow, Tailnet} from '../../tailnet.ts'
import {id, list, text, type Handlers, type Message} from '../shared/release-simulator.ts'
import {backfillNodeIps} from '../shared/backfill-ips.ts'
import {requestedRoutes, servedRoutes, servingNodes} from '../shared/node-routes.ts'
import {findUser} from '../shared/numbered-users.ts'
import {findCheckedOwner} from '../shared/owners.ts'
import {rowHandlers, rowMessage, type RowRules} from '../shared/route-rows.ts'
import {nodeMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findNamed} from './users.ts'

function findNode(tailnet: Tailnet, nodeId: string, fail: (message: string) => ServerError = serverError): Node {
  const found = nodeId === '0' ? tailnet.nodes[0] : tailnet.node(nodeId)
  if (!found) throw fail('record not found')
  return found
}

/** Changes a node, but not for id 0, and returns the node for the reply. */
function change(tailnet: Tailnet, nodeId: string, fields: Partial<Node>, fail = serverError): Node {
  const shown = findNode(tailnet, nodeId, fail)
  if (nodeId !== '0') Object.assign(shown, fields)
  return shown
}

export function nodeHandlers(release: ReleaseFacts): Handlers {
  const message = (tailnet: Tailnet, node: Node) => nodeMessage(tailnet, release, node)
  const reply = (tailnet: Tailnet, node: Node) => ({node: message(tailnet, node)})

  const handlers: Handlers = {
    ListNodes: (tailnet, request) => {
      const name = text(request, 'user')
      const find = () => (release.usersById ? findNamed : findCheckedOwner)(tailnet, release, name)
      const owner = name === '' ? null : find()
      const nodes = owner ? tailnet.nodes.filter((node) => node.userId === owner.id) : tailnet.nodes
      const serving = servingNodes(tailnet, {servesOnlineOnly: false})
      return {
        nodes: nodes.map((node) => ({
          ...message(tailnet, node),
          online: node.online,
          validTags: [...new Set([...(release.validTagsHaveForced ? node.tags : []), ...(node.requestedTags ?? [])])],
          ...(release.routes === 'fields' && {subnetRoutes: [...servedRoutes(node, serving), ...exitRoutes(node)]}),
        })),
      }
    },

    GetNode: (tailnet, request) => {
      const node = findNode(tailnet, id(request, 'nodeId'))
      return {node: {...message(tailnet, node), online: node.online}}
    },

    DeleteNode: (tailnet, request) => {
      tailnet.removeNode(findNode(tailnet, id(request, 'nodeId')))
      return {}
    },

    ExpireNode: (tailnet, request) => reply(tailnet, change(tailnet, id(request, 'nodeId'), {expiry: tailnet.now()})),

    RenameNode: (tailnet, request) => {
      const name = text(request, 'newName')
      try {
        if (Buffer.byteLength(name) < release.shortestName) throw serverError('name must be at least 2 characters long')
        checkDnsName(name, release.dnsMessages)
      } catch (error) {
        throw serverError(`renaming node: ${(error as Error).message}`)
      }
      // the node's own name counts as taken
      if (tailnet.nodes.some(({givenName}) => givenName === name)) throw serverError(`name is not unique: ${name}`)
      return reply(tailnet, change(tailnet, id(request, 'nodeId'), {givenName: name}))
    },

    SetTags: (tailnet, request) => {
      const given = list(request, 'tags')
      for (const tag of given) {
        const fault = tagFault(tag)
        if (fault) throw serverError(fault)
      }
      const tags = [...new Set(given)]
      if (release.sortsTags) tags.sort()
      return reply(tailnet, change(tailnet, id(request, 'nodeId'), {tags}, invalidArgument))
    },

    MoveNode: (tailnet, request) => {
      const node = findNode(tailnet, id(request, 'nodeId'))
      node.userId = newOwner(tailnet, release, request)
      return reply(tailnet, node)
    },

    BackfillNodeIPs: backfillNodeIps,
  }
  return {...handlers, ...(release.routes === 'rows' ? rowCalls(release) : fieldCalls(release))}
}

function newOwner(tailnet: Tailnet, release: ReleaseFacts, request: Message): string {
  if (release.keyOwner === 'id') return findUser(tailnet, id(request, 'user')).id
  const find = release.usersById ? findNamed : findCheckedOwner
  return find(tailnet, release, text(request, 'user')).id
}

/** Both exit routes as soon as one of them is approved. */
function exitRoutes({advertised, approved}: Node): readonly string[] {
  return EXIT_ROUTES.some((exit) => advertised.includes(exit) && approved.includes(exit)) ? EXIT_ROUTES : []
}

function rowCalls(release: ReleaseFacts): Handlers {
  const rules: RowRules = {
    pairsExitRoutes: 'always',
    unavailableMessage: 'route is not available on node',
    selectsPeriodically: false,
    isOnline: (_, {online}) => online,
  }
  const {enable, disable, destroy} = rowHandlers(rules)
  const reply = (tailnet: Tailnet, rows: RouteRow[]) => ({
    routes: rows.map((row) => {
      const node = tailnet.node(row.nodeId) as Node
      return rowMessage(row, 'node', nodeMessage(tailnet, release, {...node, preAuthKeyId: null}))
    }),
  })
  return {
    GetRoutes: (tailnet) => reply(tailnet, tailnet.routes),
    GetNodeRoutes: (tailnet, request) => {
      const node = findNode(tailnet, id(request, 'nodeId'))
      return reply(
        tailnet,
        tailnet.routes.filter(({nodeId}) => nodeId === node.id),
      )
    },
    EnableRoute: enable,
    DisableRoute: disable,
    DeleteRoute: destroy,
  }
}

function fieldCalls(release: ReleaseFacts): Handlers {
  return {
    SetApprovedRoutes: (tailnet, request) => {
      const approved = [...new Set(requestedRoutes(request))].sort(comparePrefixes)
      const node = change(tailnet, id(request, 'nodeId'), {approved}, invalidArgument)
      const served = servedRoutes(node, servingNodes(tailnet, {servesOnlineOnly: false}))
      return {node: {...nodeMessage(tailnet, release, node), subnetRoutes: served}}
    },
  }
}
