/**
 * The API key in use. A server says the same of an unknown key, an expired one and a missing header, so the server on this
 * machine is asked as well: which keys it has, and whether it accepts the key without the proxy in between.
 */
import type {ControlApi} from '../../api/control-api.ts'
import type {ServerTarget} from '../../config/target.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {roughDuration} from '../../domain/values/duration.ts'
import {HeadscaleError} from '../../errors.ts'
import {keyOfSecret} from '../../usecases/keys/find-api-key.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'

export interface KeyEvidence {
  target: ServerTarget & {kind: 'remote'}
  /** How the server rejected the key; null if it accepted it. */
  rejected: HeadscaleError | null
  /** The API with the key; null if the server does not answer. */
  api: ControlApi | null
  /** The server on this machine, which needs no key; null if there is none, or another one. */
  local: ControlApi | null
  /** Whether the listener on this machine accepts the key; null if it was not asked or does not answer. */
  acceptedDirectly: () => Promise<boolean | null>
  now: Date
}

const DAY = 86_400_000
const DAYS_LEFT = 14
const NEW_KEY = 'Create another on the server (headscale apikeys create) and put it where this one is'

/** Of a server that is reached with a key. */
export async function checkApiKey(evidence: KeyEvidence): Promise<Verdict> {
  const {target, api, rejected} = evidence
  const source = target.apiKeySource.name
  if (api === null) return skipped('the server does not answer', source)
  if (rejected !== null) return {target: source, seen: 'rejected', problems: [await rejection(evidence, rejected)]}
  const keys = await api.apiKeys.list()
  const own = keys.find((key) => api.apiKeys.isInUse(key))
  const left = own?.expiration == null ? null : own.expiration.getTime() - evidence.now.getTime()
  if (own === undefined || left === null) return {target: source, seen: 'accepted'}
  const verdict = {target: source, seen: `accepted, ${roughDuration(left)} left`}
  if (left >= DAYS_LEFT * DAY) return verdict
  return {
    ...verdict,
    problems: [
      warning('api-key-expires-soon', [
        `The API key from ${source} (id ${own.id}) expires in ${roughDuration(left)}, on ${day(own.expiration!)}`,
        'Every command over REST fails afterwards',
        `Replace it: headscale-ts apikeys rotate ${own.id} --output-file FILE`,
      ]),
    ],
  }
}

async function rejection(evidence: KeyEvidence, rejected: HeadscaleError): Promise<Problem> {
  const {target, local, now} = evidence
  const source = target.apiKeySource.name
  const where = target.url.origin
  const who = 'Every command over REST fails'
  const known = await knownAs(target.apiKey, local)
  if (known === 'unknown') {
    return error('api-key-unknown', [
      `The server has no API key with the prefix of the one from ${source}`,
      `${who}: the key was deleted, is of another server, or is not copied completely`,
      NEW_KEY,
    ])
  }
  if (known?.expiration != null && known.expiration <= now) {
    return error('api-key-expired', [
      `The API key from ${source} (id ${known.id} on the server) expired on ${day(known.expiration)}`,
      who,
      NEW_KEY,
    ])
  }
  const direct = await evidence.acceptedDirectly()
  if (direct === true) {
    return error('authorization-stripped', [
      `The server accepts the API key from ${source} on this machine, and not through ${where}: a proxy removes the Authorization header`,
      `${who} through that address`,
      'Let the proxy pass the header; nginx: remove proxy_set_header Authorization "" and auth_basic for /api/; or use the socket on the server',
    ])
  }
  if (known !== null && direct === false) {
    return error('api-key-wrong', [
      `The API key from ${source} begins like key ${known.id} of the server, and the rest of it is wrong`,
      who,
      'Copy the key again in one piece, or create another on the server: headscale apikeys create',
    ])
  }
  // Up to 0.26 a server answers 500 for a key that it does not know.
  if (rejected.details['httpStatus'] === 500) {
    return error('api-key-unknown', [
      `The server does not know the API key from ${source}`,
      `${who}: the key was deleted, is of another server, or is not copied completely`,
      NEW_KEY,
    ])
  }
  return error('api-key-rejected', [
    `${where} rejects the API key from ${source}`,
    `${who}: the key is unknown or expired, or a proxy removes the Authorization header; the answer does not tell which`,
    `On the server, this tells them apart: headscale-ts doctor --address ${where} --api-key-file FILE`,
  ])
}

/** Keys of the server on this machine, for a user of its socket. */
export async function checkLocalKeys(api: ControlApi, now: Date): Promise<Verdict> {
  const keys = await api.apiKeys.list()
  const valid = keys.filter(({expiration}) => expiration !== null && expiration > now)
  const [next] = valid.toSorted((a, b) => a.expiration!.getTime() - b.expiration!.getTime())
  const count = `${valid.length} valid API key${valid.length === 1 ? '' : 's'}`
  const until = next ? `, the next expires in ${roughDuration(next.expiration!.getTime() - now.getTime())}` : ''
  return {seen: `not needed for the socket; ${count}${until}`}
}

/** The key in the list of the server on this machine; null if there is no list. */
async function knownAs(apiKey: string, local: ControlApi | null): Promise<ApiKey | 'unknown' | null> {
  if (local === null) return null
  try {
    return keyOfSecret(await local.apiKeys.list(), apiKey) ?? 'unknown'
  } catch (cause) {
    if (cause instanceof HeadscaleError) return null
    throw cause
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
