/** From an id, a key or the beginning of one to the pre-auth key it means. */
import type {ControlApi} from '../../api/control-api.ts'
import {type Change, otherChange} from '../../domain/change.ts'
import {maskedKey, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError, usageError} from '../../errors.ts'

export interface FoundKey {
  key: PreAuthKey
  owner: User | null
}

/**
 * @param wanted `{id}`, or `{text}`: the whole key, its masked form, or a beginning that only one key has
 * @param users whose keys to look through; where the server lists all keys at once, none means all
 * @throws HeadscaleError (not-found), (ambiguous). The text may be a secret and is not repeated
 */
export async function findPreAuthKey(
  api: ControlApi,
  wanted: {id: string} | {text: string},
  users: readonly User[],
): Promise<FoundKey> {
  const keys = await api.preAuthKeys.list(users)
  const fits = 'id' in wanted ? keys.filter(({id}) => id === wanted.id) : byText(keys, wanted.text)
  if (fits.length > 1) {
    throw new HeadscaleError('ambiguous', `this fits several pre-auth keys: ${fits.map(describe).join(', ')}`, {
      hint: 'give the id: --id N',
      details: {candidates: fits.map(({id}) => id)},
    })
  }
  const key = fits[0]
  if (!key) {
    throw new HeadscaleError(
      'not-found',
      'id' in wanted ? `pre-auth key ${wanted.id} does not exist` : 'there is no such pre-auth key',
      {
        hint: 'see: headscale-ts preauthkeys list',
      },
    )
  }
  return {key, owner: users.find(({id}) => id === key.user?.id) ?? null}
}

function byText(keys: readonly PreAuthKey[], text: string): PreAuthKey[] {
  const start = text.replace(/[-*.…]*$/, '')
  if (start.length < 4)
    throw usageError('that is too little of a key', 'give the whole key, or at least four characters')
  const exact = keys.filter(({key}) => key === text)
  if (exact.length > 0) return exact
  return keys.filter(({key}) => {
    const shown = key.replace(/-?\*+$/, '')
    return shown.startsWith(start) || (shown !== key && text.startsWith(shown))
  })
}

function describe(key: PreAuthKey): string {
  return `${maskedKey(key.key)} (id ${key.id})`
}

/** The change of a key, without its secret. */
export function preAuthKeyChange(action: 'expire' | 'delete', key: PreAuthKey): Change {
  const owner = key.user?.name || key.tags.join(' ')
  const facts = [`id ${key.id}`, owner].filter((fact) => fact !== '').join(', ')
  return otherChange({
    action,
    kind: 'pre-auth-key',
    id: key.id,
    name: maskedKey(key.key),
    owner: key.user,
    summary: `${action} pre-auth key ${maskedKey(key.key)} (${facts})`,
  })
}
