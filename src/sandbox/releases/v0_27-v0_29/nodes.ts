/**
 * Nodes of 0.27 to 0.29 after registration: lookup, names, tags, expiry, routes, addresses.
 * Behaviour: hscontrol/grpcv1.go and state/state.go at v0.27.1 and v0.29.3; 0.28 differs in release-facts.ts.
 */
import {hostNameFault, labelFault, tagFault} from '../../names.ts'
import {comparePrefixes} from '../../prefix.ts'
import {Code, invalidArgument, ServerError, serverError} from '../../server-error.ts'
import type {Node, Tailnet} from '../../tailnet.ts'
import {date, flag, id, list, text, type Handlers} from '../shared/release-simulator.ts'
import {backfillNodeIps} from '../shared/backfill-ips.ts'
import {requestedRoutes, servedRoutes, servingNodes} from '../shared/node-routes.ts'
import {listedNodeMessage, nodeMessage} from './messages.ts'
import {hasTag} from './policy.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findUserByName} from '../shared/numbered-users.ts'

function findNode(tailnet: Tailnet, nodeId: string): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw new ServerError(Code.notFound, 'node not found')
  return found
}

/** The lookup of calls that change a node in memory first. */
function findStored(tailnet: Tailnet, {nodeNotFoundMessage}: ReleaseFacts, nodeId: string, fail = serverError): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw fail(`${nodeNotFoundMessage}${nodeId}`)
  return found
}

export function nodeHandlers(release: ReleaseFacts): Handlers {
  const reply = (tailnet: Tailnet, node: Node) => ({node: nodeMessage(tailnet, node, release)})
  const handlers: Handlers = {
    ListNodes: (tailnet, request) => {
      const name = text(request, 'user')
      const owner = name === '' ? null : findUserByName(tailnet, name)
      const nodes = owner ? tailnet.nodes.filter((node) => node.userId === owner.id) : tailnet.nodes
      const serving = servingNodes(tailnet, release)
      return {nodes: nodes.map((node) => listedNodeMessage(tailnet, node, release, serving))}
    },

    GetNode: (tailnet, request) => reply(tailnet, findNode(tailnet, id(request, 'nodeId'))),

    DeleteNode: (tailnet, request) => {
      tailnet.removeNode(findNode(tailnet, id(request, 'nodeId')))
      return {}
    },

    ExpireNode: (tailnet, request) => {
      const expiry = release.hasExpiryTime ? date(request, 'expiry') : null
      const disable = release.hasAuthAndChecks && flag(request, 'disableExpiry')
      if (disable && expiry) throw invalidArgument('cannot set both disable_expiry and expiry')
      const node = findStored(tailnet, release, id(request, 'nodeId'))
      node.expiry = disable ? null : (expiry ?? tailnet.now())
      return reply(tailnet, node)
    },

    RenameNode: (tailnet, request) => {
      const name = text(request, 'newName')
      const fault = release.hasAuthAndChecks ? labelFault(name) : hostNameFault(name)
      if (fault) throw serverError(`renaming node: ${fault}`)
      const node = findStored(tailnet, release, id(request, 'nodeId'))
      if (tailnet.nodes.some((other) => other !== node && other.givenName === name)) {
        throw serverError(`${release.nameTakenMessage}${name}`)
      }
      node.givenName = name
      return reply(tailnet, node)
    },

    SetTags: (tailnet, request) => {
      const tags = list(request, 'tags')
      if (tags.length === 0) {
        throw invalidArgument('cannot remove all tags from a node - tagged nodes must have at least one tag')
      }
      for (const tag of tags) {
        const fault = tagFault(tag, release.spaceInTagMessage)
        if (fault) throw serverError(fault)
      }
      const node = findNode(tailnet, id(request, 'nodeId'))
      const unknown = tags.filter((tag) => !hasTag(tailnet, tag, release))
      if (unknown.length > 0)
        throw invalidArgument(`requested tags [${unknown.join(' ')}] are invalid or not permitted`)
      node.tags = [...new Set(tags)].sort()
      if (!release.tagsKeepUser) node.userId = null
      return reply(tailnet, node)
    },

    SetApprovedRoutes: (tailnet, request) => {
      const routes = requestedRoutes(request)
      const node = findStored(tailnet, release, id(request, 'nodeId'), invalidArgument)
      node.approved = [...new Set(routes)].sort(comparePrefixes)
      const subnetRoutes = servedRoutes(node, servingNodes(tailnet, release))
      return {node: {...nodeMessage(tailnet, node, release), subnetRoutes}}
    },

    BackfillNodeIPs: backfillNodeIps,
  }
  if (release.hasKeyIdsAndTags) return handlers

  return {
    ...handlers,

    SetTags: (tailnet, request) => {
      const tags = list(request, 'tags')
      for (const tag of tags) {
        const fault = tagFault(tag, release.spaceInTagMessage)
        if (fault) throw serverError(fault)
      }
      const node = findStored(tailnet, release, id(request, 'nodeId'), invalidArgument)
      node.tags = tags
      return reply(tailnet, node)
    },

    MoveNode: (tailnet, request) => {
      const nodeId = id(request, 'nodeId')
      const node = tailnet.node(nodeId)
      if (!node) throw serverError(`node not found: ${nodeId}`)
      const user = tailnet.user(id(request, 'user'))
      if (!user) throw serverError('user not found: user not found')
      node.userId = user.id
      return reply(tailnet, node)
    },
  }
}
