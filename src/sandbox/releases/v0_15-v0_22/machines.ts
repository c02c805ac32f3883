/**
 * Machines of 0.15 to 0.22: registration, lookup and change.
 *
 * Quirks that a script can meet are kept: machine id 0 is the first machine, a registration since 0.17 can be repeated
 * and creates a second machine, and a debug registration loses its node key. Behaviour: machine.go, grpcv1.go at
 * v0.17.1 and v0.22.3.
 */
import {checkDnsName, keyTextFault, normalizeToDns, tagFault} from '../../names.ts'
import {parsePrefix} from '../../prefix.ts'
import {ServerCrash, invalidArgument, serverError} from '../../server-error.ts'
import {PENDING_LIFETIME, randomText, ZERO_TIME, type Node, type Tailnet} from '../../tailnet.ts'
import {id, list, text, type Handler, type Handlers} from '../shared/release-simulator.ts'
import {machineMessage} from './messages.ts'
import {findCheckedOwner, findOwner} from '../shared/owners.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** A lookup by id. Id 0 drops the condition from the query, so it means the first machine. */
export function findMachine(tailnet: Tailnet, machineId: string): Node {
  const found = machineId === '0' ? tailnet.nodes[0] : tailnet.node(machineId)
  if (!found) throw serverError('record not found')
  return found
}

function registrationKey(release: ReleaseFacts, key: string): string {
  if (!release.parsesNodeKey) return key
  const fault = keyTextFault(key, 'nodekey:')
  if (fault) throw serverError(fault)
  return key.slice('nodekey:'.length)
}

/** The DNS name, with eight random characters if the machine of another client has it. */
function givenNameFor(tailnet: Tailnet, {dnsMessages}: ReleaseFacts, name: string, machineKey: string): string {
  const plain = normalizeToDns(name, dnsMessages)
  const taken = tailnet.nodes.some((node) => node.givenName === plain && node.machineKey !== machineKey)
  if (!taken) return plain
  return `${plain.slice(0, 53)}-${randomText(24).toLowerCase().replaceAll(/[-_]/g, '').slice(0, 8)}`
}

export function machineHandlers(release: ReleaseFacts): Handlers {
  const reply = (tailnet: Tailnet, node: Node) => ({machine: machineMessage(tailnet, release, node)})

  const everywhere: Handlers = {
    ListMachines: (tailnet, request) => {
      const name = text(request, release.owner)
      const owner = name === '' ? null : findCheckedOwner(tailnet, release, name)
      const nodes = owner ? tailnet.nodes.filter((node) => node.userId === owner.id) : tailnet.nodes
      return {machines: nodes.map((node) => machineMessage(tailnet, release, node, 'owner and key'))}
    },

    GetMachine: (tailnet, request) => reply(tailnet, findMachine(tailnet, id(request, 'machineId'))),

    RegisterMachine: (tailnet, request) => {
      const key = registrationKey(release, text(request, 'key'))
      const waiting = tailnet.waiting(key)
      if (!waiting) throw serverError('machine not found in registration cache')
      const owner = tailnet.users.find((user) => user.name === text(request, release.owner))
      if (!owner) {
        const what = `failed to find ${release.owner} in register machine from auth callback`
        throw serverError(`${what}, ${release.ownerTitle} not found`)
      }
      const addresses = tailnet.nextAddresses()
      if (!addresses) throw serverError('could not find any suitable IP')
      const {forgetAt: _, routes, userId, ...client} = waiting
      const node = tailnet.addNode({
        ...client,
        addresses,
        givenName: waiting.givenName ?? givenNameFor(tailnet, release, waiting.name, waiting.machineKey),
        // the namespace of a debug registration takes precedence over the requested one
        userId: userId ?? owner.id,
        tags: [],
        advertised: routes,
        approved: [],
        preAuthKeyId: null,
        registerMethod: 'REGISTER_METHOD_CLI',
      })
      // since 0.17 the server deletes the wrong key from its cache, so the entry stays
      if (!release.parsesNodeKey) tailnet.pending.delete(key)
      return reply(tailnet, node)
    },

    ExpireMachine: (tailnet, request) => {
      const node = findMachine(tailnet, id(request, 'machineId'))
      node.expiry = tailnet.now()
      return reply(tailnet, node)
    },

    DeleteMachine: (tailnet, request) => {
      tailnet.removeNode(findMachine(tailnet, id(request, 'machineId')))
      return {}
    },

    DebugCreateMachine: (tailnet, request) => {
      const owner = findOwner(tailnet, release, text(request, release.owner))
      const routes = list(request, 'routes').map((route) => parsePrefix(route, release.prefixParser))
      const key = text(request, 'key')
      if (release.parsesNodeKey && keyTextFault(key, 'nodekey:')) throw new ServerCrash()
      const name = text(request, 'name')
      const givenName = givenNameFor(tailnet, release, name, key)
      const pending = {
        machineKey: key,
        nodeKey: '',
        discoKey: '',
        name,
        givenName,
        // rows are created when the client polls, which a debug registration never does
        routes: release.routes === 'rows' ? [] : routes,
        online: false,
        expiry: ZERO_TIME,
        lastSeen: ZERO_TIME,
        userId: owner.id,
        forgetAt: new Date(tailnet.now().getTime() + PENDING_LIFETIME),
      }
      tailnet.pending.set(release.parsesNodeKey ? key.slice('nodekey:'.length) : key, pending)
      const echo: Node = {
        ...pending,
        id: '0',
        addresses: [],
        tags: [],
        advertised: routes,
        approved: [],
        createdAt: ZERO_TIME,
        preAuthKeyId: null,
        registerMethod: 'REGISTER_METHOD_CLI',
      }
      return reply(tailnet, echo)
    },
  }
  if (!release.hasTagsAndNames) return everywhere

  const move: Handler = (tailnet, request) => {
    const node = findMachine(tailnet, id(request, 'machineId'))
    node.userId = findCheckedOwner(tailnet, release, text(request, release.owner)).id
    return reply(tailnet, node)
  }

  return {
    ...everywhere,

    SetMachineTags: (tailnet, request) => {
      const node = findMachine(tailnet, id(request, 'machineId'))
      const tags = list(request, 'tags')
      for (const tag of tags) {
        const fault = tagFault(tag)
        if (fault) throw invalidArgument(fault)
      }
      node.tags = [...new Set(tags)]
      return reply(tailnet, node)
    },

    RenameMachine: (tailnet, request) => {
      const node = findMachine(tailnet, id(request, 'machineId'))
      const name = text(request, 'newName')
      checkDnsName(name, release.dnsMessages)
      node.givenName = name
      return reply(tailnet, node)
    },

    [release.owner === 'user' ? 'MoveMachine' : 'MoveMachineToNamespace']: move,
  }
}
