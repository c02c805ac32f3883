/**
 * Nodes of 0.27 to 0.29 once they are in: look-up, names, tags, expiry, routes, addresses.
 * Behaviour: hscontrol/grpcv1.go and state/state.go at v0.27.1 and v0.29.2; 0.28 by the differences release.ts names.
 */
import {hostNameFault, labelFault, tagFault} from '../../names.ts'
import {comparePrefixes, EXIT_ROUTES, parsePrefix} from '../../prefix.ts'
import {Code, invalid, Refusal, refuse} from '../../server-error.ts'
import type {Node, Tailnet} from '../../tailnet.ts'
import {date, flag, id, list, text, type Handler, type Handlers, type Message} from '../shared/release-simulator.ts'
import {listedNodeMessage, nodeMessage, servedRoutes, servingNodes} from './messages.ts'
import {hasTag} from './policy.ts'
import type {NodesRelease} from './release.ts'
import {findUserByName} from '../shared/numbered-users.ts'

function findNode(tailnet: Tailnet, nodeId: string): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw new Refusal(Code.notFound, 'node not found')
  return found
}

/** The look-up of calls that change a node in memory first. */
function findStored(tailnet: Tailnet, {noSuchNode}: NodesRelease, nodeId: string, fail = refuse): Node {
  const found = tailnet.node(nodeId)
  if (!found) throw fail(`${noSuchNode}${nodeId}`)
  return found
}

export function nodeHandlers(release: NodesRelease): Handlers {
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
      if (disable && expiry) throw invalid('cannot set both disable_expiry and expiry')
      const node = findStored(tailnet, release, id(request, 'nodeId'))
      node.expiry = disable ? null : (expiry ?? tailnet.now())
      return reply(tailnet, node)
    },

    RenameNode: (tailnet, request) => {
      const name = text(request, 'newName')
      const fault = release.hasAuthAndChecks ? labelFault(name) : hostNameFault(name)
      if (fault) throw refuse(`renaming node: ${fault}`)
      const node = findStored(tailnet, release, id(request, 'nodeId'))
      if (tailnet.nodes.some((other) => other !== node && other.givenName === name)) {
        throw refuse(`${release.nameTaken}${name}`)
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
      const unknown = tags.filter((tag) => !hasTag(tailnet, tag, release))
      if (unknown.length > 0) throw invalid(`requested tags [${unknown.join(' ')}] are invalid or not permitted`)
      node.tags = [...new Set(tags)].sort()
      if (!release.tagsKeepUser) node.userId = null
      return reply(tailnet, node)
    },

    SetApprovedRoutes: (tailnet, request) => {
      const wanted = wantedRoutes(request)
      const node = findStored(tailnet, release, id(request, 'nodeId'), invalid)
      node.approved = [...new Set(wanted)].sort(comparePrefixes)
      const subnetRoutes = servedRoutes(node, servingNodes(tailnet, release))
      return {node: {...nodeMessage(tailnet, node, release), subnetRoutes}}
    },

    BackfillNodeIPs: backfill,
  }
  if (release.hasKeyIdsAndTags) return handlers

  return {
    ...handlers,

    SetTags: (tailnet, request) => {
      const tags = list(request, 'tags')
      for (const tag of tags) {
        const fault = tagFault(tag, release.spacesInTag)
        if (fault) throw refuse(fault)
      }
      const node = findStored(tailnet, release, id(request, 'nodeId'), invalid)
      node.tags = tags
      return reply(tailnet, node)
    },

    MoveNode: (tailnet, request) => {
      const nodeId = id(request, 'nodeId')
      const node = tailnet.node(nodeId)
      if (!node) throw refuse(`node not found: ${nodeId}`)
      const user = tailnet.user(id(request, 'user'))
      if (!user) throw refuse('user not found: user not found')
      node.userId = user.id
      return reply(tailnet, node)
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

/** The routes a request wants approved; an exit route means both. */
export function wantedRoutes(request: Message): string[] {
  return list(request, 'routes').flatMap((route) => {
    const prefix = parseRoute(route)
    return EXIT_ROUTES.includes(prefix) ? EXIT_ROUTES : [prefix]
  })
}

/** Gives addresses to nodes that have none. */
export const backfill: Handler = (tailnet, request) => {
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
}
