/**
 * Keys of the v2 API of the 0.30 tree: OAuth clients, and the pre-auth keys of v1 in another form.
 *
 * Only what an administrator of OAuth clients needs; tokens, devices and the rest of v2 are not simulated. Sources:
 * hscontrol/api/v2 of the tree, recorded answers in test/sandbox/fixtures.
 */
import {tagFault} from '../../names.ts'
import {randomHex, remove, type OAuthClient, type PreAuthKey, type Tailnet} from '../../tailnet.ts'
import {flag, list, text, time, type Handlers, type Message} from '../shared/release-simulator.ts'
import {Problem} from './problem.ts'

/** Scopes that let a client add nodes, which need tags. */
const NEED_TAGS = ['devices:core', 'auth_keys']
const LONGEST_DESCRIPTION = 50
const NINETY_DAYS = 90 * 24 * 3600

export function v2Handlers(): Handlers {
  return {
    ListKeys: (tailnet) => ({
      keys: [
        ...tailnet.preAuthKeys.map((key) => authKeyMessage(tailnet, key)),
        ...tailnet.oauthClients.map((client) => clientMessage(client)),
      ],
    }),

    CreateKey: (tailnet, request) => {
      const [kind, description] = [text(request, 'keyType') || 'auth', text(request, 'description')]
      if (description.length > LONGEST_DESCRIPTION) throw new Problem(400, 'description must be at most 50 characters')
      if (kind === 'client') return createClient(tailnet, request)
      if (kind !== 'auth') throw new Problem(400, `unsupported keyType ${JSON.stringify(kind)}`)
      return createAuthKey(tailnet, request)
    },

    DeleteKey: (tailnet, request) => {
      const keyId = text(request, 'id')
      const client = tailnet.oauthClients.find(({id}) => id === keyId)
      const key = tailnet.preAuthKey(keyId)
      if (client) remove(tailnet.oauthClients, client)
      // a pre-auth key is kept, but no longer valid
      else if (key) key.expiration = tailnet.now()
      else throw new Problem(404, 'key not found')
      return {}
    },
  }
}

function checkTags(tags: readonly string[]): void {
  const fault = tags.map((tag) => tagFault(tag, 'tags must not contain spaces')).find(Boolean)
  if (fault) throw new Problem(400, fault)
}

function createClient(tailnet: Tailnet, request: Message): Message {
  const [scopes, tags] = [list(request, 'scopes'), list(request, 'tags')]
  if (scopes.length === 0) throw new Problem(400, 'scopes are required')
  if (tags.length === 0 && scopes.some((scope) => NEED_TAGS.includes(scope))) {
    throw new Problem(400, 'tags are required for the scopes devices:core and auth_keys')
  }
  checkTags(tags)
  const client = {id: randomHex(12), scopes, tags, description: text(request, 'description'), createdAt: tailnet.now()}
  tailnet.oauthClients.push(client)
  return {...clientMessage(client), key: `hskey-client-${client.id}-${randomHex(64)}`}
}

/** A key of v2 has no user, so it needs tags. */
function createAuthKey(tailnet: Tailnet, request: Message): Message {
  const create = ((request.capabilities as Message)?.devices as Message)?.create as Message | undefined
  const tags = (create?.tags ?? []) as string[]
  if (tags.length === 0) throw new Problem(400, 'auth-key must be either tagged or owned by user')
  checkTags(tags)
  const seconds = Number(request.expirySeconds ?? 0) || NINETY_DAYS
  const key = tailnet.addPreAuthKey({
    key: `hskey-auth-${randomHex(12)}-${randomHex(64)}`,
    userId: null,
    reusable: create !== undefined && flag(create, 'reusable'),
    ephemeral: create !== undefined && flag(create, 'ephemeral'),
    used: false,
    tags: [...new Set(tags)].sort(),
    expiration: new Date(tailnet.now().getTime() + seconds * 1000),
  })
  return {...authKeyMessage(tailnet, key), key: key.key}
}

function clientMessage(client: OAuthClient): Message {
  return {
    id: client.id,
    keyType: 'client',
    ...(client.description !== '' && {description: client.description}),
    created: time(client.createdAt),
    invalid: false,
    scopes: client.scopes,
    ...(client.tags.length > 0 && {tags: client.tags}),
  }
}

function authKeyMessage(tailnet: Tailnet, key: PreAuthKey): Message {
  const {createdAt, expiration} = key
  const lifetime = expiration ? Math.round((expiration.getTime() - createdAt.getTime()) / 1000) : 0
  const create = {reusable: key.reusable, ephemeral: key.ephemeral, preauthorized: true, tags: key.tags}
  return {
    id: key.id,
    keyType: 'auth',
    expirySeconds: lifetime,
    created: time(createdAt),
    expires: time(expiration),
    invalid: (expiration !== null && expiration <= tailnet.now()) || (key.used && !key.reusable),
    capabilities: {devices: {create}},
    ...(key.tags.length > 0 && {tags: key.tags}),
    ...(key.userId !== null && {userId: key.userId}),
  }
}
