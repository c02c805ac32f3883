/**
 * The simulator of 0.23 to 0.26: nodes in place of machines, the policy, and the pages outside the API
 * (hscontrol/app.go at v0.23.0, v0.25.1, v0.26.1).
 */
import {dottedPrefix, type ReleaseSimulator, type FieldType, type Page} from '../shared/release-simulator.ts'
import {USER_SHAPE} from '../shared/numbered-users.ts'
import {ownerHandlers} from '../shared/owners.ts'
import {keyHandlers, newApiKey} from './keys.ts'
import {nodeHandlers} from './nodes.ts'
import {policyHandlers} from './policy.ts'
import {registrationHandlers} from './registration.ts'
import {FACTS, type ReleaseFacts} from './release-facts.ts'
import {numberedUserHandlers} from './users.ts'

const EMPTY_404: Page = {status: 404, type: null, body: ''}
const OLD_USER: Record<string, FieldType> = {id: 'string', name: 'string', createdAt: 'time'}

export function createSimulator(name: ReleaseFacts['release']): ReleaseSimulator {
  const release = FACTS[name]
  const unauthorizedPage = (status: number): Page => ({status, type: 'text/plain; charset=utf-8', body: 'Unauthorized'})
  return {
    release: name,
    wire: 'grpc',
    taggedNodesHaveUsers: true,
    namesIdentifyUsers: !release.usersById,
    givenNamesAreUnique: true,
    separatesRequestedTags: true,
    messageSet: release.messageSet,
    handlers: {
      ...(release.usersById ? numberedUserHandlers(release) : ownerHandlers(release)),
      ...nodeHandlers(release),
      ...registrationHandlers(release),
      ...keyHandlers(release),
      ...policyHandlers(release),
    },
    shapes: {
      User: release.usersById ? USER_SHAPE : OLD_USER,
      ExpireNodeRequest: {nodeId: 'uint64'},
    },
    reflection: ['v1', 'v1alpha'],
    missingFields: ['ExpireNode.expiry', 'ExpireNode.disableExpiry'],
    takesBody: release.usersById ? ['MoveNode'] : [],
    reusesAddresses: false,
    keepsRouteRows: release.routes === 'rows',
    preAuthKey: (material) => material.slice(0, 48),
    newApiKey: () => newApiKey(release),
    prefixOfToken: dottedPrefix,
    pendingKey: (key) => (release.registrationKey === 'mkey' ? key.replace(/^mkey:/, '') : key.slice(0, 24)),
    registrationKey: (key) => (release.registrationKey === 'mkey' ? `mkey:${key}` : key),
    seedPending: (pending, key) => ({
      ...pending,
      ...(release.registrationKey === 'mkey' && key !== null && /^[0-9a-f]{64}$/.test(key) && {machineKey: key}),
    }),
    http: {
      guarded: '/api/',
      namesFields: release.usersById,
      unauthorized: {missing: unauthorizedPage(401), wrong: unauthorizedPage(500), expired: unauthorizedPage(401)},
      health: {status: 200, type: 'application/health+json; charset=utf-8', body: '{"status":"pass"}'},
      version: null,
      root: EMPTY_404,
      otherwise: EMPTY_404,
    },
  }
}
