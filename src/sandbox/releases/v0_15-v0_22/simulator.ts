/**
 * The simulator of 0.15 to 0.22: namespaces (users since 0.19) and machines, and the pages outside the API
 * (app.go at v0.15.0, v0.16.4, v0.17.1, v0.22.3).
 */
import {derivedKey, ZERO_TIME} from '../../tailnet.ts'
import {dottedPrefix, type ReleaseSimulator, type Page} from '../shared/release-simulator.ts'
import {keyHandlers, newApiKey} from './keys.ts'
import {machineHandlers} from './machines.ts'
import {ownerHandlers} from '../shared/owners.ts'
import {FACTS, type ReleaseFacts} from './release-facts.ts'
import {routeSetHandlers} from './route-sets.ts'
import {routeRowHandlers} from './routes.ts'

const EMPTY_200: Page = {status: 200, type: null, body: ''}
const EMPTY_404: Page = {status: 404, type: null, body: ''}
const NOT_FOUND: Page = {status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n'}

export function createSimulator(name: ReleaseFacts['release']): ReleaseSimulator {
  const release = FACTS[name]
  const old = name === '0.15'
  const rows = release.routes === 'rows'
  const otherwise = old ? NOT_FOUND : release.deletesRoutes ? EMPTY_404 : EMPTY_200
  const unauthorizedPage = (status: number): Page =>
    old ? {status, type: null, body: ''} : {status, type: 'text/plain; charset=utf-8', body: 'Unauthorized'}
  return {
    release: name,
    wire: 'grpc',
    taggedNodesHaveUsers: true,
    namesIdentifyUsers: true,
    givenNamesAreUnique: false,
    separatesRequestedTags: true,
    messageSet: release.owner === 'user' ? 'v0_19' : 'v0_15',
    handlers: {
      ...ownerHandlers(release),
      ...machineHandlers(release),
      ...(rows ? routeRowHandlers(release) : routeSetHandlers(release)),
      ...keyHandlers(release),
    },
    shapes: {
      [release.owner === 'user' ? 'User' : 'Namespace']: {id: 'string', name: 'string', createdAt: 'time'},
      PreAuthKey: {
        [release.owner]: 'string',
        id: 'string',
        key: 'string',
        reusable: 'boolean',
        ephemeral: 'boolean',
        used: 'boolean',
        expiration: 'time',
        createdAt: 'time',
        ...(release.hasAclTags && {aclTags: 'strings'}),
      },
    },
    reflection: ['v1alpha'],
    missingFields: release.hasAclTags ? [] : ['CreatePreAuthKey.aclTags'],
    takesBody: [],
    reusesAddresses: true,
    keepsRouteRows: rows,
    preAuthKey: (material) => material.slice(0, 48),
    newApiKey,
    prefixOfToken: dottedPrefix,
    pendingKey: (key) => key.replace(/^nodekey:/, ''),
    registrationKey: (key) => (release.parsesNodeKey ? `nodekey:${key}` : key),
    seedPending: (pending) => ({
      ...pending,
      machineKey: derivedKey('machine', pending.nodeKey),
      expiry: pending.expiry ?? ZERO_TIME,
    }),
    http: {
      guarded: '/api/v1/',
      namesFields: false,
      unauthorized: {missing: unauthorizedPage(401), wrong: unauthorizedPage(500), expired: unauthorizedPage(401)},
      health: old
        ? {status: 200, type: 'application/json; charset=utf-8', body: '{"healthy":"ok"}'}
        : {status: 200, type: 'application/health+json; charset=utf-8', body: '{"status":"pass"}'},
      version: null,
      root: otherwise,
      otherwise,
    },
  }
}
