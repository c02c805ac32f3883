/**
 * The simulator of 0.27 to 0.29, which the 0.30 tree is based on: users with ids, nodes with approved routes, and the
 * pages outside the API (hscontrol/app.go and handlers.go at v0.29.3).
 */
import {dottedPrefix, type ReleaseSimulator, type Page} from '../shared/release-simulator.ts'
import {USER_SHAPE} from '../shared/numbered-users.ts'
import {keyHandlers as earlierKeyHandlers, newApiKey as newEarlierApiKey} from '../v0_23-v0_26/keys.ts'
import {FACTS as FACTS_UP_TO_0_26} from '../v0_23-v0_26/release-facts.ts'
import {keyHandlers, newApiKey, prefixOfToken} from './keys.ts'
import {nodeHandlers} from './nodes.ts'
import {policyHandlers} from './policy.ts'
import {registrationHandlers} from './registration.ts'
import {FACTS, type ReleaseFacts} from './release-facts.ts'
import {userHandlers} from './users.ts'

const HTML: Page = {status: 200, type: 'text/html; charset=utf-8', body: '<!DOCTYPE html><html lang="en"></html>'}
const EMPTY_404: Page = {status: 404, type: null, body: ''}
const NOT_FOUND: Page = {status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n'}
const UNAUTHORIZED: Page = {status: 401, type: 'text/plain; charset=utf-8', body: 'Unauthorized'}

export function createSimulator(name: ReleaseFacts['release']): ReleaseSimulator {
  const release = FACTS[name]
  const old = !release.hasKeyIdsAndTags
  return {
    release: name,
    messageSet: 'v0_26',
    wire: 'grpc',
    taggedNodesHaveUsers: release.tagsKeepUser,
    namesIdentifyUsers: false,
    givenNamesAreUnique: true,
    separatesRequestedTags: old,
    handlers: {
      ...userHandlers(release),
      ...nodeHandlers(release),
      ...registrationHandlers(release),
      ...(old ? earlierKeyHandlers(FACTS_UP_TO_0_26['0.26']) : keyHandlers(release)),
      ...policyHandlers(release),
    },
    shapes: {
      User: USER_SHAPE,
      ExpireNodeRequest: {
        nodeId: 'uint64',
        ...(release.hasExpiryTime && {expiry: 'time'}),
        ...(release.hasAuthAndChecks && {disableExpiry: 'boolean'}),
      },
    },
    reflection: ['v1', 'v1alpha'],
    missingFields: [
      ...(release.hasExpiryTime ? [] : ['ExpireNode.expiry']),
      ...(release.hasAuthAndChecks ? [] : ['ExpireNode.disableExpiry']),
    ],
    takesBody: ['MoveNode'],
    reusesAddresses: false,
    keepsRouteRows: false,
    preAuthKey: (material) => (old ? material.slice(0, 48) : `hskey-auth-${material.slice(0, 12)}-${material}`),
    newApiKey: () => (old ? newEarlierApiKey(FACTS_UP_TO_0_26['0.26']) : newApiKey()),
    prefixOfToken: old ? dottedPrefix : prefixOfToken,
    pendingKey: (key) => {
      const bare = key.startsWith('hskey-authreq-') ? key.slice('hskey-authreq-'.length) : key
      return `${release.keyPrefix}${bare.slice(0, 24)}`
    },
    registrationKey: (key) => key,
    seedPending: (pending) => pending,
    http: {
      guarded: '/api/',
      namesFields: true,
      unauthorized: {missing: UNAUTHORIZED, wrong: UNAUTHORIZED, expired: UNAUTHORIZED},
      health: {status: 200, type: 'application/health+json; charset=utf-8', body: '{"status":"pass"}\n'},
      version: {
        status: 200,
        type: 'application/json',
        body: `${JSON.stringify({
          version: release.version,
          commit: 'sandbox',
          buildTime: 'unknown',
          go: {version: 'unknown', os: 'linux', arch: 'amd64'},
          dirty: false,
        })}\n`,
      },
      root: old ? EMPTY_404 : HTML,
      otherwise: old ? EMPTY_404 : release.hasAuthAndChecks ? NOT_FOUND : HTML,
    },
  }
}
