/** Finds one API key by id, by the key itself or by a unique prefix. */
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {type Change, otherChange} from '../../domain/change.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {idOf} from './key-ref.ts'

/**
 * @param ref `{id}`, or `{text}`: a prefix as listed, the whole key, a unique prefix, or digits that are an id
 * @throws HeadscaleError (not-found), (ambiguous). The text may be a secret and is not repeated
 */
export async function findApiKey(api: ControlApi, ref: {id: string} | {text: string}): Promise<ApiKey> {
  const keys = await api.apiKeys.list()
  const matches = 'id' in ref ? keys.filter(({id}) => id === ref.id) : byText(keys, ref.text)
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new HeadscaleError(
      'ambiguous',
      `this matches several API keys: ${matches.map(({id, prefix}) => `${prefix} (id ${id})`).join(', ')}`,
      {
        hint: 'specify one by id: --id N',
        details: {candidates: matches.map(({id}) => id)},
      },
    )
  }
  const id = idOf(ref)
  throw new HeadscaleError('not-found', id === null ? 'API key not found' : `API key ${id} not found`, {
    hint: 'see: headscale-ts apikeys list',
  })
}

/** The API key of a new secret, found by its prefix; null if it is not in the list. */
export function keyOfSecret(keys: readonly ApiKey[], secret: string): ApiKey | null {
  return byPrefix(keys, secret).at(-1) ?? null
}

/** The prefix of a secret, as lists show it: up to 0.27 PREFIX.SECRET, then hskey-api-PREFIX-SECRET with 12 characters. */
export function prefixOfSecret(secret: string): string {
  return secret.startsWith('hskey-api-') ? secret.slice(10, 22) : secret.split('.')[0]!
}

function byText(keys: readonly ApiKey[], text: string): ApiKey[] {
  const start = text.replace(/[-*.…]*$/, '')
  const sameId = keys.filter(({id}) => id === text)
  if (start.length < 4) {
    if (/^\d+$/.test(text)) return sameId
    throw usageError(
      'the key prefix is shorter than 4 characters',
      'use the prefix that "headscale-ts apikeys list" shows, or -i ID',
    )
  }
  const exact = byPrefix(keys, text)
  if (exact.length > 0) return exact
  return keys.filter(
    ({id, prefix}) => id === text || bare(prefix).startsWith(start) || bare(prefix).startsWith(`hskey-api-${start}`),
  )
}

function byPrefix(keys: readonly ApiKey[], text: string): ApiKey[] {
  return keys.filter(({prefix}) => text.startsWith(bare(prefix)))
}

const bare = (prefix: string) => prefix.replace(/-?\*+$/, '')

/** A key in messages: `API key abcdefg (id 3)`. */
export function describeApiKey({id, prefix}: ApiKey): string {
  return `API key ${prefix} (id ${id})`
}

/** The change of a key. */
export function apiKeyChange(action: 'expire' | 'delete', key: ApiKey): Change {
  const summary = `${action} ${describeApiKey(key)}`
  return otherChange({action, kind: 'api-key', id: key.id, name: key.prefix, summary})
}
