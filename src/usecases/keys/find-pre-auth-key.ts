/** Finds one pre-auth key by id, by the key itself or by a unique prefix. */
import type {ControlApi} from '../../api/control-api.ts'
import {type Change, otherChange} from '../../domain/change.ts'
import {keyOwner, maskedKey, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {idOf} from './key-ref.ts'

export interface FoundKey {
  key: PreAuthKey
  owner: User | null
}

/**
 * @param ref `{id}`, or `{text}`: the whole key, its masked form, a unique prefix, or digits that are an id
 * @param users search the keys of these users; where the server lists all keys at once, no users means all
 * @param unlisted users whose keys the server cannot list, for the hint
 * @throws HeadscaleError (not-found), (ambiguous). The text may be a secret and is not repeated
 */
export async function findPreAuthKey(
  api: ControlApi,
  ref: {id: string} | {text: string},
  users: readonly User[],
  unlisted: readonly User[] = [],
): Promise<FoundKey> {
  const keys = await api.preAuthKeys.list(users)
  const matches = 'id' in ref ? keys.filter(({id}) => id === ref.id) : byText(keys, ref.text)
  if (matches.length > 1) {
    throw new HeadscaleError('ambiguous', `this matches several pre-auth keys: ${matches.map(describe).join(', ')}`, {
      hint: 'specify one by id: --id N',
      details: {candidates: matches.map(({id}) => id)},
    })
  }
  const key = matches[0]
  if (!key) {
    const id = idOf(ref)
    throw new HeadscaleError('not-found', id === null ? 'pre-auth key not found' : `pre-auth key ${id} not found`, {
      hint:
        unlisted.length > 0
          ? `the server cannot list the keys of users who share a name: ${unlisted.map(describeUser).join('; ')}`
          : 'see: headscale-ts preauthkeys list',
    })
  }
  return {key, owner: users.find(({id}) => id === key.user?.id) ?? null}
}

function byText(keys: readonly PreAuthKey[], text: string): PreAuthKey[] {
  const start = text.replace(/[-*.…]*$/, '')
  const byId = keys.filter(({id}) => id === text)
  if (start.length < 4) {
    if (/^\d+$/.test(text)) return byId
    throw usageError(
      'the key prefix is shorter than 4 characters',
      'use the prefix that "headscale-ts preauthkeys list" shows, or -i ID',
    )
  }
  const exact = keys.filter(({key}) => key === text)
  if (exact.length > 0) return exact
  return keys.filter(({id, key}) => {
    const shown = key.replace(/-?\*+$/, '')
    return id === text || shown.startsWith(start) || (shown !== key && text.startsWith(shown))
  })
}

function describe(key: PreAuthKey): string {
  return `${maskedKey(key.key)} (id ${key.id})`
}

/** A key in messages, without its secret: `pre-auth key 8f4c1d… (id 3, default)`. */
export function describePreAuthKey(key: PreAuthKey): string {
  const owner = keyOwner(key) ?? key.tags.join(' ')
  const facts = [`id ${key.id}`, owner].filter((fact) => fact !== '').join(', ')
  return `pre-auth key ${maskedKey(key.key)} (${facts})`
}

/** The change of a key, without its secret. */
export function preAuthKeyChange(action: 'expire' | 'delete', key: PreAuthKey): Change {
  return otherChange({
    action,
    kind: 'pre-auth-key',
    id: key.id,
    name: maskedKey(key.key),
    owner: key.user,
    summary: `${action} ${describePreAuthKey(key)}`,
  })
}
