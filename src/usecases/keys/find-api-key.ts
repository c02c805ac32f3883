/** From an id, a key or the beginning of one to the API key it means. */
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {HeadscaleError, usageError} from '../../errors.ts'

/**
 * @param wanted `{id}`, or `{text}`: a prefix as listed, the whole key, or a beginning that only one key has
 * @throws HeadscaleError (not-found), (ambiguous). The text may be a secret and is not repeated
 */
export async function findApiKey(api: ControlApi, wanted: {id: string} | {text: string}): Promise<ApiKey> {
  const keys = await api.apiKeys.list()
  const fits = 'id' in wanted ? keys.filter(({id}) => id === wanted.id) : byText(keys, wanted.text)
  if (fits.length === 1) return fits[0]!
  if (fits.length > 1) {
    throw new HeadscaleError(
      'ambiguous',
      `this fits several API keys: ${fits.map(({id, prefix}) => `${prefix} (id ${id})`).join(', ')}`,
      {
        hint: 'give the id: --id N',
        details: {candidates: fits.map(({id}) => id)},
      },
    )
  }
  throw new HeadscaleError(
    'not-found',
    'id' in wanted ? `API key ${wanted.id} does not exist` : 'there is no such API key',
    {
      hint: 'see: headscale-ts apikeys list',
    },
  )
}

/** The key a fresh secret belongs to, found by the prefix it begins with; null when the list does not show it. */
export function keyOfSecret(keys: readonly ApiKey[], secret: string): ApiKey | null {
  return byPrefix(keys, secret).at(-1) ?? null
}

function byText(keys: readonly ApiKey[], text: string): ApiKey[] {
  const start = text.replace(/[-*.…]*$/, '')
  if (start.length < 4) throw usageError('that is too little of a key', 'give the prefix as apikeys list shows it')
  const exact = byPrefix(keys, text)
  if (exact.length > 0) return exact
  return keys.filter(({prefix}) => bare(prefix).startsWith(start) || bare(prefix).startsWith(`hskey-api-${start}`))
}

function byPrefix(keys: readonly ApiKey[], text: string): ApiKey[] {
  return keys.filter(({prefix}) => text.startsWith(bare(prefix)))
}

const bare = (prefix: string) => prefix.replace(/-?\*+$/, '')
