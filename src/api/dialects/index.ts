/** Combines the dialects of one release into a ControlApi. */
import type {Capabilities} from '../capabilities.ts'
import type {DebugListener} from '../../config/debug-listener.ts'
import {DEFAULT_TIMEOUT_MS} from '../../config/values.ts'
import type {Ability, ControlApi, ReportedFact, ServerFacts} from '../control-api.ts'
import type {ReleaseGroup} from '../releases.ts'
import type {OperationId} from '../operations.ts'
import type {Trace} from '../transport/trace.ts'
import type {Transport} from '../transport/transport.ts'
import {apiKeysDialect, type ConnectWith} from './api-keys.ts'
import {authDialect} from './auth.ts'
import {createDialect, requireCapability, requireOperation} from './shared/dialect.ts'
import {healthDialect} from './health.ts'
import {debugDialect, nodesDialect} from './nodes.ts'
import {oauthClientsDialect} from './oauth-clients.ts'
import {policyDialect} from './policy.ts'
import {preAuthKeysDialect} from './pre-auth-keys.ts'
import {routesDialect} from './routes.ts'
import {usersDialect} from './users.ts'

const REPORTS: Readonly<Record<ReportedFact, (capabilities: Capabilities) => boolean>> = {
  'node-tags': ({nodeTags}) => nodeTags,
  'pre-auth-key-tags': ({preAuthKeyTags}) => preAuthKeyTags,
  'serving-routes': ({routes}) => routes !== 'machine-sets',
}

const NEEDED: Readonly<Record<Ability, OperationId>> = {
  'delete-pre-auth-keys': 'DeletePreAuthKey',
  'delete-api-keys': 'DeleteApiKey',
  'approve-unadvertised-routes': 'SetApprovedRoutes',
}

interface Options
  extends Pick<ServerFacts, 'via' | 'version'>, Partial<Pick<ServerFacts, 'address' | 'socketPath' | 'apiKeySource'>> {
  now: () => Date
  timeoutMs?: number
  debugListener?: DebugListener | null
  trace?: Trace | undefined
  /** The API key that requests are sent with; null over a socket. */
  apiKey?: string | null
  /** Connects to the same server with another API key; absent over a socket. */
  connectWith?: ConnectWith
}

/** @param now the clock, for values that older releases do not report (`online`, up to 0.17) */
export function createControlApi(
  transport: Transport,
  group: ReleaseGroup,
  {
    via,
    version,
    now,
    address = null,
    socketPath = null,
    apiKeySource = null,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    ...own
  }: Options,
): ControlApi {
  const dialect = createDialect(transport, group)
  const nodes = nodesDialect(dialect, now)
  return {
    server: {
      releases: group.releases,
      version,
      via,
      address,
      socketPath,
      apiKeySource,
      timeoutMs,
      capabilities: group.capabilities,
    },
    requireAbility: (ability, hint, flag) => requireOperation(group, NEEDED[ability], {hint, flag}),
    requireReported: (fact, flag) => requireCapability(group, REPORTS[fact], {flag}),
    users: usersDialect(dialect),
    nodes,
    routes: routesDialect(dialect, (id) => nodes.get(id)),
    preAuthKeys: preAuthKeysDialect(dialect),
    apiKeys: apiKeysDialect(dialect, own.apiKey ?? null, own.connectWith),
    auth: authDialect(dialect),
    oauthClients: oauthClientsDialect(dialect),
    policy: policyDialect(dialect),
    async reportedClients(names) {
      const {reportedClients} = await import('../reported-clients.ts')
      return reportedClients(group, own.debugListener ?? null, {names, timeoutMs, trace: own.trace})
    },
    health: healthDialect(dialect),
    debug: debugDialect(dialect),
  }
}
