/**
 * Registration on 0.23 to 0.26: debug registrations, and registering a pending node.
 *
 * An attempt with a well-formed key uses up an address, whether it succeeds or not. Behaviour: hscontrol/grpcv1.go and
 * db/node.go at v0.23.0, v0.25.1 and v0.26.1.
 */
import {keyTextFault, lettersForDns, normalizeToDns} from '../../names.ts'
import {parsePrefix} from '../../prefix.ts'
import {serverError} from '../../server-error.ts'
import {derivedKey, randomText, type Tailnet} from '../../tailnet.ts'
import {list, text, type Handlers} from '../shared/release-simulator.ts'
import {addDebugRegistration} from '../shared/records.ts'
import {nodeMessage} from './messages.ts'
import {checkLoadedPolicy} from './policy.ts'
import type {ReleaseFacts} from './release-facts.ts'
import {findNamed} from './users.ts'

/** @throws ServerError for a key in the wrong format */
function checkKey({registrationKey}: ReleaseFacts, key: string): void {
  const fault = registrationKey === 'mkey' ? keyTextFault(key, 'mkey:') : null
  if (fault) throw serverError(fault)
  if (registrationKey === 'id' && Buffer.byteLength(key) !== 24) {
    throw serverError('registration ID must be 24 characters long')
  }
}

/** The DNS name, with eight random characters if it is taken. */
function givenNameFor(tailnet: Tailnet, {givenNames, dnsMessages}: ReleaseFacts, name: string): string {
  const plain = givenNames === 'hyphens' ? normalizeToDns(name, dnsMessages) : lettersForDns(name)
  if (plain.length > 63)
    throw serverError('failed to ensure unique given name: hostname too long, cannot except 255 ASCII chars')
  if (!tailnet.nodes.some(({givenName}) => givenName === plain)) return plain
  return `${plain.slice(0, 53)}-${derivedKey('name', randomText(24)).slice(0, 8)}`
}

export function registrationHandlers(release: ReleaseFacts): Handlers {
  const pendingKey = (key: string) => (release.registrationKey === 'mkey' ? key.replace(/^mkey:/, '') : key)

  const findWaiting = (tailnet: Tailnet, key: string) => {
    const waiting = tailnet.waiting(pendingKey(key))
    if (!waiting) throw serverError('node not found in registration cache')
    return waiting
  }
  const findOwner = (tailnet: Tailnet, name: string) => {
    try {
      return findNamed(tailnet, release, name)
    } catch (error) {
      const context = release.looksUpUserFirst
        ? 'looking up user: '
        : 'failed to find user in register node from auth callback, '
      throw serverError(`${context}${(error as Error).message}`)
    }
  }

  return {
    RegisterNode: (tailnet, request) => {
      const [key, name] = [text(request, 'key'), text(request, 'user')]
      checkKey(release, key)
      const addresses = tailnet.nextAddresses()
      if (!addresses) throw serverError('allocating IPv4 address: failed to allocate IP')
      if (release.looksUpUserFirst) findOwner(tailnet, name)
      const {forgetAt: _, routes, ...client} = findWaiting(tailnet, key)
      const owner = findOwner(tailnet, name)
      const node = tailnet.addNode({
        ...client,
        addresses,
        givenName: givenNameFor(tailnet, release, client.name),
        userId: owner.id,
        tags: [],
        advertised: routes,
        approved: [],
        preAuthKeyId: null,
        registerMethod: 'REGISTER_METHOD_CLI',
      })
      tailnet.pending.delete(pendingKey(key))
      checkLoadedPolicy(tailnet, release, 'node')
      return {node: nodeMessage(tailnet, release, node)}
    },

    DebugCreateNode: (tailnet, request) => {
      const owner = findNamed(tailnet, release, text(request, 'user'))
      const routes = list(request, 'routes').map((route) => parsePrefix(route))
      const key = text(request, 'key')
      checkKey(release, key)
      const bare = pendingKey(key)
      const echo = addDebugRegistration(tailnet, {
        key: bare,
        ...(release.registrationKey === 'mkey' && {machineKey: bare}),
        name: text(request, 'name'),
        owner,
        routes,
        keepsRoutes: release.keepsDebugRoutes,
      })
      return {node: nodeMessage(tailnet, release, echo)}
    },
  }
}
