/**
 * The published JSON of every document, as zod: what `-o json|json-line|yaml` prints, on all releases and transports.
 *
 * One source for two things: the build makes schema/*.json of it, and the types of the documents are inferred from it,
 * so that what is printed and what is published cannot drift. Commands import the types alone; zod is never loaded to
 * print something. Plain JSON types only. A field is always there: null says that the release has no such thing or
 * that there is none, as its description tells.
 */
import * as z from 'zod'
import type {ErrorCode} from '../../errors.ts'

const id = z.string().regex(/^\d+$/).describe('Decimal number as text, since it may need 64 bits.')
const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
const texts = (description: string) => z.array(z.string()).describe(description)

export const user = z
  .strictObject({
    id,
    name: z.string().describe('Login name.'),
    createdAt: time('When it was made.').nullable(),
    displayName: z.string().nullable().describe('Null before 0.24, empty when not set.'),
    email: z.string().nullable().describe('Null before 0.24, empty when not set.'),
    providerId: z.string().nullable().describe('Id at the provider. Null before 0.24, empty when not set.'),
    provider: z.string().nullable().describe('Who vouches for the user, such as oidc. Null before 0.24.'),
    profilePicUrl: z.string().nullable().describe('Null before 0.24, empty when not set.'),
  })
  .meta({id: 'User', description: 'A user; called a namespace up to headscale 0.18.'})

export const preAuthKey = z
  .strictObject({
    id,
    key: z.string().describe('Masked, but in the answer that creates it and in lists with --show-keys (up to 0.27).'),
    user: z
      .strictObject({id: id.nullable().describe('Null where only the name is known.'), name: z.string()})
      .nullable()
      .describe('Null for a key that belongs to its tags alone (0.28+).'),
    reusable: z.boolean(),
    ephemeral: z.boolean().describe('Its nodes are deleted when they go offline.'),
    used: z.boolean(),
    expiration: time('When it ends.').nullable(),
    createdAt: time('When it was made.').nullable(),
    aclTags: texts('Tags its nodes get (0.17+).'),
  })
  .meta({id: 'PreAuthKey', description: 'A key that admits nodes without a person at the server.'})

export const node = z
  .strictObject({
    id,
    machineKey: z.string().nullable().describe('mkey: and 64 hexadecimal digits.'),
    nodeKey: z.string().nullable().describe('nodekey: and 64 hexadecimal digits.'),
    discoKey: z.string().nullable().describe('discokey: and 64 hexadecimal digits.'),
    ipAddresses: texts('IPv4 first.'),
    name: z.string().describe('What the client calls itself.'),
    givenName: z.string().nullable().describe('The name in lists and MagicDNS. Null on 0.15, which has one name only.'),
    user: user.nullable().describe('Null for a node that belongs to its tags (0.28+).'),
    lastSeen: time('When it last reported.').nullable().describe('Null when it never did.'),
    expiry: time('When its key ends.').nullable().describe('Null when it never does.'),
    preAuthKey: preAuthKey.nullable().describe('The key it joined with; null when it joined otherwise.'),
    createdAt: time('When it was registered.').nullable(),
    registerMethod: z
      .enum(['REGISTER_METHOD_AUTH_KEY', 'REGISTER_METHOD_CLI', 'REGISTER_METHOD_OIDC'])
      .nullable()
      .describe('Null where the server does not say.'),
    tags: texts('Tags it has, whoever gave them.'),
    online: z
      .boolean()
      .describe('Up to 0.17 the server does not say: then, whether it was seen in the last 5 minutes.'),
    approvedRoutes: texts('Prefixes the administrator allowed.').nullable(),
    availableRoutes: texts('Prefixes it advertises.').nullable(),
    subnetRoutes: texts('Prefixes it really serves now.').nullable().describe('Null up to 0.17, which does not say.'),
  })
  .meta({id: 'Node', description: 'A node of the tailnet; called a machine up to headscale 0.22.'})

export const apiKey = z
  .strictObject({
    id,
    prefix: z.string().describe('Enough of the key to tell it from others; masked by the server from 0.28 on.'),
    expiration: time('When it ends.').nullable(),
    createdAt: time('When it was made.').nullable(),
    lastSeen: time('When it was last used.').nullable(),
    key: z.string().nullable().describe('The secret, in the answer that creates it; null everywhere else.'),
  })
  .meta({id: 'ApiKey', description: 'A key for the REST interface.'})

export const oauthClient = z
  .strictObject({
    id: z.string().describe('Letters and digits.'),
    description: z.string(),
    scopes: texts('What it may do.'),
    tags: texts('Tags it may give.'),
    createdAt: time('When it was made.').nullable(),
    key: z.string().nullable().describe('The secret, in the answer that creates it; null everywhere else.'),
  })
  .meta({id: 'OAuthClient', description: 'A program with tokens of its own for the v2 API (headscale 0.30).'})

export const backfill = z
  .strictObject({changes: texts("What was assigned or removed, in the server's words.")})
  .meta({id: 'Backfill', description: 'Addresses after nodes backfillips.'})

export const policyCheck = z
  .strictObject({valid: z.literal(true)})
  .meta({id: 'PolicyCheck', description: 'A policy the server would take; one it would not is an error.'})

export const authDecision = z
  .strictObject({decision: z.enum(['approve', 'reject'])})
  .meta({id: 'AuthDecision', description: 'What became of a waiting request.'})

export const route = z
  .strictObject({
    id: id.nullable().describe('Null where routes have no ids (all but 0.18 to 0.25).'),
    node: z.strictObject({id, name: z.string(), givenName: z.string().nullable().describe('Null on 0.15.')}),
    prefix: z.string(),
    advertised: z.boolean().describe('The node offers it. False for one that was approved beforehand.'),
    enabled: z.boolean().describe('The administrator allowed it.'),
    isPrimary: z.boolean().nullable().describe('Traffic goes through it. Null up to 0.17, which does not say.'),
  })
  .meta({id: 'Route', description: 'One route of one node.'})

export const pendingNode = z
  .strictObject({
    name: z.string(),
    user: z.string().describe('Name of the user the server notes for it.'),
    registrationKey: z.string().describe('In the form the release takes.'),
    routes: texts('Prefixes it advertises.'),
    registerCommand: z.string().describe('The line that registers it.'),
  })
  .meta({id: 'PendingNode', description: 'A made-up client that waits for registration: debug create-node.'})

export const policy = z
  .strictObject({
    policy: z.string().describe('HuJSON, as it was stored.'),
    updatedAt: time('When it was stored.').nullable().describe('Null where the policy is a file of the server.'),
  })
  .meta({id: 'Policy', description: 'The access policy of the server (0.23+).'})

export const version = z
  .strictObject({
    version: z.string().describe('Of headscale-ts.'),
    server: z
      .strictObject({
        version: z.string().nullable().describe('Null where the server does not tell it.'),
        releases: z.string().describe('The releases it can be, such as "0.21 or 0.22".'),
        via: z.string().describe('How it is reached.'),
      })
      .nullable()
      .describe('Null where no server was named and none is at the usual places.'),
  })
  .meta({id: 'Version', description: 'The version of this program and of the server.'})

export const health = z
  .strictObject({databaseConnectivity: z.boolean()})
  .meta({id: 'Health', description: 'Whether the server and its data base answer.'})

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
          id: z.string().nullable().describe('Null for an object that does not exist yet or has no id.'),
          name: z.string().nullable(),
          owner: z
            .strictObject({id: id.nullable().describe('Null where only the name is known.'), name: z.string()})
            .nullable()
            .describe('The user the object belongs to.'),
          address: z.string().nullable().describe('First IP address of a node, e-mail address of a user.'),
          before: fields.describe('The fields that would change, as they are. Null for a new object.'),
          after: fields.describe('The same fields afterwards. Null for a deleted object.'),
          summary: z.string().describe('The change as one line.'),
        }),
      )
      .describe('Empty when everything is as requested already.'),
  })
  .meta({id: 'DryRun', description: 'What a command with --dry-run would change.'})

/** Both ways exhaustive: a code that is added to errors.ts has to come here. */
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
        code: z.enum(ERROR_CODES),
        exitCode: z.int().min(1).max(255).describe('The status the program ends with.'),
        message: z.string().describe('What happened.'),
        hint: z.string().nullable().describe('What to do.'),
        warnings: z.array(z.string()).describe('Warnings and notes from before the error, [] when there are none.'),
      })
      .describe('Further fields are facts of the case, such as candidates.'),
  })
  .meta({id: 'Error', description: 'What a command prints on standard error when it fails.'})

export const warnings = z.strictObject({warnings: z.array(z.string()).min(1)}).meta({
  id: 'Warnings',
  description: 'What a command with warnings or notes prints on standard error when it succeeds.',
})

export type UserDocument = z.infer<typeof user>
export type PreAuthKeyDocument = z.infer<typeof preAuthKey>
export type NodeDocument = z.infer<typeof node>
export type ApiKeyDocument = z.infer<typeof apiKey>
export type OAuthClientDocument = z.infer<typeof oauthClient>
export type BackfillDocument = z.infer<typeof backfill>
export type PolicyCheckDocument = z.infer<typeof policyCheck>
export type AuthDecisionDocument = z.infer<typeof authDecision>
export type RouteDocument = z.infer<typeof route>
export type PendingNodeDocument = z.infer<typeof pendingNode>
export type PolicyDocument = z.infer<typeof policy>
export type VersionDocument = z.infer<typeof version>
export type HealthDocument = z.infer<typeof health>
export type DryRunDocument = z.infer<typeof dryRun>
export type ErrorDocument = z.infer<typeof error>
export type WarningsDocument = z.infer<typeof warnings>

const list = (items: z.ZodType, of: string) => z.array(items).describe(`${of}, [] when there are none.`)

/** What is published, by the name of its file. */
export const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  user,
  users: list(user, 'Users by id'),
  'pre-auth-key': preAuthKey,
  'pre-auth-keys': list(preAuthKey, 'Pre-auth keys by id'),
  node,
  nodes: list(node, 'Nodes by id'),
  'api-key': apiKey,
  'api-keys': list(apiKey, 'API keys by id'),
  route,
  routes: list(route, 'Routes by node'),
  'oauth-client': oauthClient,
  'oauth-clients': list(oauthClient, 'OAuth clients as the server has them'),
  backfill,
  'policy-check': policyCheck,
  'auth-decision': authDecision,
  'pending-node': pendingNode,
  policy,
  version,
  health,
  'dry-run': dryRun,
  error,
  warnings,
}
