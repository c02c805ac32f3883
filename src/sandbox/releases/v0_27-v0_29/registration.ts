/**
 * Registration on 0.27 to 0.29: debug registrations, registering a pending node, and the auth calls of 0.29.
 * Behaviour: hscontrol/grpcv1.go, types/common.go, state/state.go HandleNodeFromAuthPath at v0.29.3.
 */
import {hostNameFault, lettersForDns, sanitizeLabel} from '../../names.ts'
import {parsePrefix} from '../../prefix.ts'
import {Code, invalidArgument, ServerError, serverError} from '../../server-error.ts'
import {derivedKey, randomText, type Pending, type Tailnet} from '../../tailnet.ts'
import {list, text, type Handlers, type Message} from '../shared/release-simulator.ts'
import {addDebugRegistration} from '../shared/records.ts'
import {nodeMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findUserByName} from '../shared/numbered-users.ts'

/** The server's error for the format of a registration key, or null. */
function keyFault({keyPrefix}: ReleaseFacts, key: string): string | null {
  const length = Buffer.byteLength(key)
  if (keyPrefix === '') return length === 24 ? null : 'registration ID must be 24 characters long'
  if (!key.startsWith(keyPrefix)) return `auth ID has invalid prefix: expected prefix "${keyPrefix}"`
  return length === 38 ? null : `auth ID has invalid length: expected 38, got ${length}`
}

/** The host name of the node after registration. */
function hostNameFor({replacesHostNames}: ReleaseFacts, {name, machineKey}: Pending): string {
  if (!replacesHostNames) return name
  if (name === '') return `node-mkey:${machineKey.slice(0, 3)}`
  return hostNameFault(name.toLowerCase()) ? `invalid-${randomLetters()}` : name.toLowerCase()
}

/** The DNS name; if it is taken 0.29 adds a number, earlier releases eight random characters. */
function givenNameFor(tailnet: Tailnet, {replacesHostNames}: ReleaseFacts, name: string): string {
  const base = replacesHostNames ? lettersForDns(name) : sanitizeLabel(name) || 'node'
  const taken = (candidate: string) => tailnet.nodes.some((node) => node.givenName === candidate)
  if (!taken(base)) return base
  if (replacesHostNames) return `${base.slice(0, 53)}-${randomLetters()}`
  for (let number = 1; ; number++) {
    if (!taken(`${base}-${number}`)) return `${base}-${number}`
  }
}

function randomLetters(): string {
  return derivedKey('name', randomText(24)).slice(0, 8)
}

export function registrationHandlers(release: ReleaseFacts): Handlers {
  const register = (tailnet: Tailnet, key: string, userName: string): Message => {
    const fault = keyFault(release, key)
    if (fault) throw serverError(fault)
    let owner
    try {
      owner = findUserByName(tailnet, userName)
    } catch (error) {
      throw serverError(`looking up user: ${(error as Error).message}`)
    }
    const waiting = tailnet.waiting(key)
    if (!waiting) throw serverError('node not found in registration cache')
    const addresses = tailnet.nextAddresses()
    if (!addresses) throw serverError('allocating IPs: failed to allocate IP')
    const {forgetAt: _, routes, ...client} = waiting
    const name = hostNameFor(release, waiting)
    const node = tailnet.addNode({
      ...client,
      name,
      addresses,
      givenName: givenNameFor(tailnet, release, name),
      userId: owner.id,
      tags: [],
      advertised: routes,
      approved: [],
      lastSeen: tailnet.now(),
      preAuthKeyId: null,
      registerMethod: 'REGISTER_METHOD_CLI',
    })
    tailnet.pending.delete(key)
    return {node: nodeMessage(tailnet, node, release)}
  }

  const finish = (tailnet: Tailnet, key: string): Message => {
    const fault = keyFault(release, key)
    if (fault) throw invalidArgument(`invalid auth_id: ${fault}`)
    if (!tailnet.waiting(key)) throw new ServerError(Code.notFound, `no pending auth session for auth_id ${key}`)
    tailnet.pending.delete(key)
    return {}
  }

  const everywhere: Handlers = {
    RegisterNode: (tailnet, request) => register(tailnet, text(request, 'key'), text(request, 'user')),

    DebugCreateNode: (tailnet, request) => {
      const owner = findUserByName(tailnet, text(request, 'user'))
      const routes = list(request, 'routes').map((route) => parsePrefix(route))
      const key = text(request, 'key')
      const fault = keyFault(release, key)
      if (fault) throw serverError(fault)
      const name = text(request, 'name')
      const keepsRoutes = release.keepsDebugRoutes
      const echo = addDebugRegistration(tailnet, {key, name, owner, routes, keepsRoutes})
      return {node: nodeMessage(tailnet, echo, release)}
    },
  }
  if (!release.hasAuthAndChecks) return everywhere

  return {
    ...everywhere,
    AuthRegister: (tailnet, request) => register(tailnet, text(request, 'authId'), text(request, 'user')),
    AuthApprove: (tailnet, request) => finish(tailnet, text(request, 'authId')),
    AuthReject: (tailnet, request) => finish(tailnet, text(request, 'authId')),
  }
}
