/**
 * Nodes of 0.28 and 0.29 once they are in: look-up, names, tags, expiry, routes, addresses.
 * Behaviour: hscontrol/grpcv1.go and state/state.go at v0.29.2; 0.28 by the differences release.ts names.
 */
import {hostNameFault, labelFault, tagFault} from '../../names.ts'
import {comparePrefixes, EXIT_ROUTES, parsePrefix} from '../../prefix.ts'
import {Code, invalid, Refusal, refuse} from '../../refusal.ts'
import type {Node, Tailnet} from '../../tailnet.ts'
import {date, flag, id, list, text, type Handlers} from '../face.ts'
import {listedNodeMessage, nodeMessage, servedRoutes, servingNodes} from './messages.ts'
import {hasTag} from './policy.ts'
import type {NodesRelease} from './release.ts'
import {findUserByName} from './users.ts'

function findNode(tailnet: Tailnet, nodeId: string): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw new Refusal(Code.notFound, 'node not found')
  return found
}

/** The look-up of calls that change a node in memory first. */
function findStored(tailnet: Tailnet, nodeId: string, fail = refuse): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw fail(`node no longer exists in NodeStore: ${nodeId}`)
  return found
}

export function nodeHandlers(release: NodesRelease): Handlers {
  const reply = (tailnet: Tailnet, node: Node) => ({node: nodeMessage(tailnet, node)})
  return {
    ListNodes: (tailnet, request) => {
      const name = text(request, 'user')
      const owner = name === '' ? null : findUserByName(tailnet, name)
      const nodes = owner ? tailnet.nodes.filter((node) => node.userId === owner.id) : tailnet.nodes
      const serving = servingNodes(tailnet, release)
      return {nodes: nodes.map((node) => listedNodeMessage(tailnet, node, serving))}
    },

    GetNode: (tailnet, request) => reply(tailnet, findNode(tailnet, id(request, 'nodeId'))),

    DeleteNode: (tailnet, request) => {
      tailnet.removeNode(findNode(tailnet, id(request, 'nodeId')))
      return {}
    },

    ExpireNode: (tailnet, request) => {
      const expiry = date(request, 'expiry')
      const disable = release.hasAuthAndChecks && flag(request, 'disableExpiry')
      if (disable && expiry) throw invalid('cannot set both disable_expiry and expiry')
      const node = findStored(tailnet, id(request, 'nodeId'))
      node.expiry = disable ? null : (expiry ?? tailnet.now())
      return reply(tailnet, node)
    },

    RenameNode: (tailnet, request) => {
      const name = text(request, 'newName')
      const fault = release.hasAuthAndChecks ? labelFault(name) : hostNameFault(name)
      if (fault) throw refuse(`renaming node: ${fault}`)
      const node = findStored(tailnet, id(request, 'nodeId'))
      if (tailnet.nodes.some((other) => other !== node && other.givenName === name)) {
        throw refuse(`node name is not unique: ${name}`)
      }
      node.givenName = name
      return reply(tailnet, node)
    },

    SetTags: (tailnet, request) => {
      const tags = list(request, 'tags')
      if (tags.length === 0) {
        throw invalid('cannot remove all tags from a node - tagged nodes must have at least one tag')
      }
      for (const tag of tags) {
        const fault = tagFault(tag, release.spacesInTag)
        if (fault) throw refuse(fault)
      }
      const node = findNode(tailnet, id(request, 'nodeId'))
      const unknown = tags.filter((tag) => !hasTag(tailnet, tag))
      if (unknown.length > 0) throw invalid(`requested tags [${unknown.join(' ')}] are invalid or not permitted`)
      node.tags = [...new Set(tags)].sort()
      if (!release.tagsKeepUser) node.userId = null
      return reply(tailnet, node)
    },

    SetApprovedRoutes: (tailnet, request) => {
      const wanted = list(request, 'routes').flatMap((route) => {
        const prefix = parseRoute(route)
        return EXIT_ROUTES.includes(prefix) ? EXIT_ROUTES : [prefix]
      })
      const node = findStored(tailnet, id(request, 'nodeId'), invalid)
      node.approved = [...new Set(wanted)].sort(comparePrefixes)
      const subnetRoutes = servedRoutes(node, servingNodes(tailnet, release))
      return {node: {...nodeMessage(tailnet, node), subnetRoutes}}
    },

    BackfillNodeIPs: (tailnet, request) => {
      if (!flag(request, 'confirmed')) throw refuse('not confirmed, aborting')
      const without = tailnet.nodes.filter((node) => node.addresses.length === 0)
      const changes = without.flatMap((node) => {
        const addresses = tailnet.nextAddresses()
        if (!addresses) throw refuse('failed to allocate IP')
        tailnet.giveAddresses(node, addresses)
        return addresses.map((address) => {
          const family = address.includes(':') ? 'IPv6' : 'IPv4'
          return `assigned ${family} ${JSON.stringify(address)} to Node(${node.id}) ${JSON.stringify(node.name)}`
        })
      })
      return {changes}
    },
  }
}

function parseRoute(route: string): string {
  try {
    return parsePrefix(route)
  } catch (error) {
    throw refuse(`parsing route: ${(error as Error).message}`)
  }
}
