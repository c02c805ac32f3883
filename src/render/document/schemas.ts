/**
 * The published JSON of every document, as zod: what `-o json|json-line|yaml` prints, on all releases and transports.
 *
 * The build generates schema/*.json from it, and TypeScript infers the types of the documents from it, so the printed
 * documents match the schemas. Commands import only the types; zod is never loaded to print something. Only plain JSON
 * types. Every field is always present: null means that the release does not have the value or that there is none, and
 * the description of the field says which.
 */
import * as z from 'zod'
import {NODE_EVENTS} from '../../domain/events.ts'
import {ROUTE_STATES} from '../../domain/route-check.ts'
import type {ErrorCode} from '../../errors.ts'

const id = z.string().regex(/^\d+$/).describe('Decimal number as a string, because it can have 64 bits.')
const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
/** @param absent what null means */
const timeOrNull = (description: string, absent: string) => time(description).nullable().describe(absent)
const NOT_REPORTED = 'Null where the server does not report it.'
/** Of what comes from the debug pages of the server. */
const NOT_READ =
  'Only nodes list, list-routes and show read it, from 0.27 on and where the debug pages of the server can be read. Null otherwise.'
const texts = (description: string) => z.array(z.string()).describe(description)

export const user = z
  .strictObject({
    id,
    name: z
      .string()
      .describe('Login name. For a user without one: empty up to 0.27, then its e-mail address or provider ID.'),
    createdAt: timeOrNull('Time of creation.', NOT_REPORTED),
    displayName: z.string().nullable().describe('Name to display. Null before 0.24, empty when not set.'),
    email: z.string().nullable().describe('E-mail address. Null before 0.24, empty when not set.'),
    providerId: z.string().nullable().describe('ID at the identity provider. Null before 0.24, empty when not set.'),
    provider: z.string().nullable().describe('Identity provider, such as oidc. Null before 0.24, empty when not set.'),
    profilePicUrl: z.string().nullable().describe('URL of a picture. Null before 0.24, empty when not set.'),
  })
  .meta({id: 'User', description: 'A user; called a namespace up to headscale 0.18.'})

export const preAuthKey = z
  .strictObject({
    id,
    key: z
      .string()
      .describe('Complete when the key is created, and with --show-keys up to headscale 0.27; otherwise masked.'),
    user: z
      .strictObject({id: id.nullable().describe('Null where only the name is known.'), name: z.string()})
      .nullable()
      .describe('Owner of the key. Null for a key that has only tags (0.28+).'),
    reusable: z.boolean().describe('Whether it can register more than one node.'),
    ephemeral: z.boolean().describe('Whether its nodes are deleted when they go offline.'),
    used: z.boolean().describe('Whether it has registered a node.'),
    expiration: timeOrNull('Time of expiration.', 'Null where it is not set.'),
    createdAt: timeOrNull('Time of creation.', NOT_REPORTED),
    aclTags: texts('Tags of nodes that register with it (0.17+).'),
  })
  .meta({id: 'PreAuthKey', description: 'A key for unattended registration of nodes.'})

export const node = z
  .strictObject({
    id,
    machineKey: z.string().nullable().describe('mkey: and 64 hexadecimal digits. Null where the server has none.'),
    nodeKey: z.string().nullable().describe('nodekey: and 64 hexadecimal digits. Null where the server has none.'),
    discoKey: z.string().nullable().describe('discokey: and 64 hexadecimal digits. Null where the server has none.'),
    ipAddresses: texts('IP addresses, IPv4 first.'),
    name: z.string().describe('Host name of the client.'),
    givenName: z.string().nullable().describe('Name in lists and in MagicDNS. Null on 0.15.'),
    user: user
      .nullable()
      .describe('Owner of the node. Null for a tagged node (0.28+), and for a node whose user was removed.'),
    lastSeen: timeOrNull('Time of its last contact.', 'Null where the server has none.'),
    expiry: timeOrNull('Time when its key expires.', 'Null when it never expires.'),
    preAuthKey: preAuthKey.nullable().describe('Pre-auth key that registered it. Null where there is none.'),
    createdAt: timeOrNull('Time of registration.', NOT_REPORTED),
    registerMethod: z
      .enum(['REGISTER_METHOD_AUTH_KEY', 'REGISTER_METHOD_CLI', 'REGISTER_METHOD_OIDC'])
      .nullable()
      .describe(`How it was registered. ${NOT_REPORTED}`),
    tags: texts('Tags set by an administrator, and tags that the client requests and the policy allows.'),
    online: z
      .boolean()
      .describe('As the server reports it. Up to 0.17: whether the node was seen in the last 5 minutes.'),
    approvedRoutes: texts('Approved prefixes.').nullable().describe('Null where they are not known.'),
    availableRoutes: texts('Advertised prefixes.').nullable().describe('Null where they are not known.'),
    subnetRoutes: texts('Prefixes it serves now.').nullable().describe('Null up to 0.17, which does not report them.'),
    os: z.string().nullable().describe(`System that the client reports, such as linux. ${NOT_READ}`),
    osVersion: z.string().nullable().describe(`Its version; on Linux that of the distribution. ${NOT_READ}`),
    clientVersion: z.string().nullable().describe(`Version of the client, with its build. ${NOT_READ}`),
    endpoints: texts('Addresses and ports at which it can be reached directly.').nullable().describe(NOT_READ),
  })
  .meta({id: 'Node', description: 'A node of the tailnet; called a machine up to headscale 0.22.'})

const eventValue = z.union([z.string(), z.array(z.string())]).nullable()

export const nodeEvent = z
  .strictObject({
    time: time('When it was noticed.'),
    type: z.enum(NODE_EVENTS).describe('What happened.'),
    node: node.describe('As it is after the event; for a node that left, as it was.'),
    route: z.string().nullable().describe('Prefix, for events of routes. Null for others.'),
    before: eventValue.describe('Old name, owner, tags or addresses. Null for other events, and where there is none.'),
    after: eventValue.describe('New name, owner, tags or addresses. Null for other events, and where there is none.'),
    summary: z.string().describe('The event in one line, for people.'),
  })
  .meta({id: 'NodeEvent', description: 'A change of a node, as nodes watch prints it.'})

export const apiKey = z
  .strictObject({
    id,
    prefix: z.string().describe('Start of the key, which identifies it; masked by the server from 0.28 on.'),
    expiration: timeOrNull('Time of expiration.', 'Null where it is not set.'),
    createdAt: timeOrNull('Time of creation.', NOT_REPORTED),
    lastSeen: timeOrNull('Time of its last use.', 'Null where the server has none.'),
    key: z.string().nullable().describe('The secret. Null except when the key is created.'),
  })
  .meta({id: 'ApiKey', description: 'A key for the REST API.'})

export const oauthClient = z
  .strictObject({
    id: z.string().describe('Letters and digits.'),
    description: z.string().describe('Text given at its creation.'),
    scopes: texts('Permissions.'),
    tags: texts('Tags it can assign.'),
    createdAt: timeOrNull('Time of creation.', NOT_REPORTED),
    key: z.string().nullable().describe('The secret. Null except when the client is created.'),
  })
  .meta({id: 'OAuthClient', description: 'An OAuth client of the v2 API (headscale 0.30).'})

export const backfill = z
  .strictObject({changes: texts('Assigned and removed addresses, as the server describes them.')})
  .meta({id: 'Backfill', description: 'Result of nodes backfillips.'})

export const policyCheck = z
  .strictObject({valid: z.literal(true)})
  .meta({id: 'PolicyCheck', description: 'Result of policy check -f for a valid policy.'})

export const authDecision = z
  .strictObject({decision: z.enum(['approve', 'reject'])})
  .meta({id: 'AuthDecision', description: 'Result of auth approve and auth reject.'})

const routeNode = z.strictObject({id, name: z.string(), givenName: z.string().nullable().describe('Null on 0.15.')})

export const route = z
  .strictObject({
    id: id.nullable().describe('Null where routes have no IDs (all releases but 0.18 to 0.25).'),
    node: routeNode.nullable().describe('Null if the node was removed and its route stayed (0.18 to 0.25).'),
    prefix: z.string().describe('Address prefix, such as 192.168.100.0/24.'),
    advertised: z.boolean().describe('Whether the node advertises it.'),
    enabled: z.boolean().describe('Whether it is approved.'),
    isPrimary: z
      .boolean()
      .nullable()
      .describe('Whether the node serves it now. Null up to 0.17, which does not report it.'),
  })
  .meta({id: 'Route', description: 'One route of one node.'})

export const routeCheck = z
  .strictObject({
    prefix: z.string().describe('Address prefix, such as 192.168.100.0/24.'),
    exitRoute: z.boolean().describe('Whether it is 0.0.0.0/0 or ::/0, which is checked for each node by itself.'),
    status: z
      .enum(ROUTE_STATES)
      .describe(
        'ok: a node serves it, or could serve it where that is not reported. no-primary: a node could serve it, but the ' +
          'server has chosen none yet. no-server: approved, but no node that has it approved is online and advertises it. ' +
          'pending: not approved.',
      ),
    nodes: z
      .array(
        z.strictObject({
          ...routeNode.shape,
          online: z.boolean().describe('Up to 0.17: whether it was seen in the last 5 minutes.'),
          advertised: z.boolean().describe('Whether it advertises the prefix.'),
          enabled: z.boolean().describe('Whether the prefix is approved for it.'),
          isPrimary: z
            .boolean()
            .nullable()
            .describe(
              'Whether the server names it as the primary, which can be an offline node. Null up to 0.17, and for exit routes.',
            ),
        }),
      )
      .min(1)
      .describe('Nodes that advertise the prefix or have it approved, by id. One for an exit route.'),
  })
  .meta({id: 'RouteCheck', description: 'Whether a prefix has a node that can serve it.'})

export const pendingNode = z
  .strictObject({
    name: z.string().describe('Host name of the fake client.'),
    user: z.string().describe('Name of the user that it was created for.'),
    registrationKey: z.string().describe('Key for nodes register, in the form that the release expects.'),
    routes: texts('Advertised prefixes.'),
    registerCommand: z.string().describe('Command that registers it.'),
  })
  .meta({id: 'PendingNode', description: 'A fake node that waits for registration: debug create-node.'})

export const policy = z
  .strictObject({
    policy: z.string().describe('HuJSON, as stored.'),
    updatedAt: timeOrNull('Time when it was stored.', 'Null where the policy is a file on the server.'),
  })
  .meta({id: 'Policy', description: 'The policy of the server (0.23+).'})

export const version = z
  .strictObject({
    version: z.string().describe('Version of headscale-ts.'),
    server: z
      .strictObject({
        version: z.string().nullable().describe(`Version of headscale. ${NOT_REPORTED}`),
        releases: z.string().describe('Possible releases of the server, such as "0.21 or 0.22".'),
        via: z.string().describe('Socket or address that it was reached by.'),
      })
      .nullable()
      .describe('The server. Null where no server was specified and none was found.'),
  })
  .meta({id: 'Version', description: 'Version of this program and of the server.'})

export const health = z
  .strictObject({databaseConnectivity: z.boolean().describe('Whether the server can use its database.')})
  .meta({id: 'Health', description: 'Whether the server and its database respond.'})

export const dnsRecord = z
  .strictObject({
    name: z.string().describe('Complete name, in lower case and without a dot at the end.'),
    type: z.enum(['A', 'AAAA']),
    value: z.string().describe('IP address.'),
  })
  .meta({id: 'DnsRecord', description: 'A record for dns.extra_records_path (0.24+).'})

export const metric = z
  .strictObject({
    name: z.string().describe('Name in Prometheus.'),
    help: z.string().describe('What it is, for people.'),
    type: z.literal('gauge'),
    samples: z
      .array(
        z.strictObject({
          labels: z.record(z.string(), z.string().nullable()).describe('Null where the server does not report it.'),
          value: z.number(),
        }),
      )
      .describe('Empty where the server does not report it, or there is none.'),
  })
  .meta({id: 'Metric', description: 'A metric and its values, as metrics prints it.'})

export const writtenFile = z
  .strictObject({
    file: z.string().describe('Path, as given.'),
    changed: z.boolean().describe('Whether it was written. False where it had this content.'),
  })
  .meta({id: 'WrittenFile', description: 'What a command that writes a file did.'})

const fields = z.record(z.string(), z.json()).nullable()

export const dryRun = z
  .strictObject({
    dryRun: z.literal(true),
    changes: z
      .array(
        z.strictObject({
          action: z.string().describe('What would be done, such as create, delete or rename.'),
          kind: z
            .enum(['user', 'node', 'route', 'pre-auth-key', 'api-key', 'oauth-client', 'auth-request', 'policy'])
            .describe('What kind of object would change.'),
          id: z.string().nullable().describe('ID of the object. Null for one that does not exist yet or has no ID.'),
          name: z.string().nullable().describe('Name of the object. Null for an object without a name.'),
          owner: z
            .strictObject({id: id.nullable().describe('Null where only the name is known.'), name: z.string()})
            .nullable()
            .describe('The user that the object belongs to. Null for an object without an owner.'),
          address: z
            .string()
            .nullable()
            .describe(
              'First IP address of a node, e-mail address of a user. Null for other objects, or if there is none.',
            ),
          before: fields.describe('The fields that would change, as they are. Null for a new object.'),
          after: fields.describe('The same fields afterwards. Null for a deleted object.'),
          summary: z.string().describe('The change as one line.'),
        }),
      )
      .describe('Changes in order. Empty when nothing would change.'),
  })
  .meta({id: 'DryRun', description: 'What a command with --dry-run would change.'})

/** Exhaustive in both directions: a code that is added to errors.ts must be added here. */
const ERROR_CODES = {
  failed: 'failed',
  'bad-reply': 'bad-reply',
  usage: 'usage',
  'not-found': 'not-found',
  'permission-denied': 'permission-denied',
  unauthenticated: 'unauthenticated',
  ambiguous: 'ambiguous',
  'invalid-input': 'invalid-input',
  'already-exists': 'already-exists',
  unreachable: 'unreachable',
  timeout: 'timeout',
  'unsupported-by-server': 'unsupported-by-server',
  'needs-confirmation': 'needs-confirmation',
  partial: 'partial',
  'wait-timeout': 'wait-timeout',
  cancelled: 'cancelled',
} as const satisfies {[Code in ErrorCode]: Code}

export const error = z
  .strictObject({
    error: z
      .looseObject({
        code: z.enum(ERROR_CODES).describe('Kind of the error, for scripts.'),
        exitCode: z.int().min(1).max(255).describe('Exit status of the program.'),
        message: z.string().describe('What happened.'),
        hint: z.string().nullable().describe('What to do. Null where there is no advice.'),
        warnings: z.array(z.string()).describe('Warnings and notes from before the error, [] when there are none.'),
      })
      .describe('Further fields depend on the error, such as candidates.'),
  })
  .meta({id: 'Error', description: 'What a command prints on standard error when it fails.'})

export const warnings = z.strictObject({warnings: z.array(z.string()).min(1)}).meta({
  id: 'Warnings',
  description: 'What a command with warnings or notes prints on standard error when it succeeds.',
})

export type UserDocument = z.infer<typeof user>
export type PreAuthKeyDocument = z.infer<typeof preAuthKey>
export type NodeDocument = z.infer<typeof node>
export type NodeEventDocument = z.infer<typeof nodeEvent>
export type ApiKeyDocument = z.infer<typeof apiKey>
export type OAuthClientDocument = z.infer<typeof oauthClient>
export type BackfillDocument = z.infer<typeof backfill>
export type PolicyCheckDocument = z.infer<typeof policyCheck>
export type AuthDecisionDocument = z.infer<typeof authDecision>
export type RouteDocument = z.infer<typeof route>
export type RouteCheckDocument = z.infer<typeof routeCheck>
export type PendingNodeDocument = z.infer<typeof pendingNode>
export type JoinDocument = z.infer<typeof join>
export type PolicyDocument = z.infer<typeof policy>
export type VersionDocument = z.infer<typeof version>
export type HealthDocument = z.infer<typeof health>
export type MetricDocument = z.infer<typeof metric>
export type DryRunDocument = z.infer<typeof dryRun>
export type ErrorDocument = z.infer<typeof error>
export type WarningsDocument = z.infer<typeof warnings>

const list = (items: z.ZodType, of: string) => z.array(items).describe(`${of}, [] when there are none.`)

/** The published schemas, by file name. */
export const join = z
  .strictObject({
    platform: z.enum(['linux', 'docker', 'openwrt', 'synology', 'qnap', 'macos', 'windows', 'android', 'ios']),
    serverUrl: z.string().describe('Login server of the client.'),
    minimumClient: z
      .string()
      .nullable()
      .describe('Oldest Tailscale version that the server accepts, such as 1.80. Null up to 0.22, which accept all.'),
    key: preAuthKey.nullable().describe('The new pre-auth key, complete. Null if the node is registered afterwards.'),
    lines: texts('What to type on the node, or the steps to follow. Comments begin with #.'),
    next: texts('What to run afterwards, where NODE, USER and KEY stand for what is not known yet.'),
  })
  .meta({id: 'Join', description: 'What setup join prints.'})

export const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  user,
  users: list(user, 'Users by id'),
  'pre-auth-key': preAuthKey,
  'pre-auth-keys': list(preAuthKey, 'Pre-auth keys by id'),
  node,
  nodes: list(node, 'Nodes by id'),
  'node-event': nodeEvent,
  'api-key': apiKey,
  'api-keys': list(apiKey, 'API keys by id'),
  route,
  routes: list(route, 'Routes by node'),
  'route-checks': list(routeCheck, 'Prefixes of the tailnet'),
  'oauth-client': oauthClient,
  'oauth-clients': list(oauthClient, 'OAuth clients as the server has them'),
  backfill,
  'policy-check': policyCheck,
  'auth-decision': authDecision,
  'pending-node': pendingNode,
  'setup-join': join,
  policy,
  version,
  health,
  'dns-records': list(dnsRecord, 'DNS records by name'),
  metrics: list(metric, 'Metrics'),
  'written-file': writtenFile,
  'dry-run': dryRun,
  error,
  warnings,
}
