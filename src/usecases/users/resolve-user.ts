/**
 * Finds the one user that a reference names: by id, user name, e-mail address or provider id, or `id:N` and `name:X`. A
 * reference that matches several users is rejected: digits can be an id or a name, and with single sign-on (0.24 and
 * later) two users can have the same name, or the address of one user can be the name of another.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {keyHint} from '../../domain/values/secret-kind.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {looksSecret} from '../../text/secrets.ts'

/**
 * @param options.mayBeCreated whether the error offers to create the user, which helps where something is made for it
 * @throws HeadscaleError (not-found), (ambiguous) naming all matches, (usage) for an empty value or `id:` without digits
 */
export async function resolveUser(api: ControlApi, ref: string, {mayBeCreated = true} = {}): Promise<User> {
  return (await resolveUsers(api, [ref], {mayBeCreated}))[0]!
}

/** Several users, in the order of the references, with one call. @throws HeadscaleError as resolveUser */
export async function resolveUsers(
  api: ControlApi,
  refs: readonly string[],
  {mayBeCreated = false} = {},
): Promise<User[]> {
  const word = api.server.capabilities.ownerWord
  const parsed = refs.map((ref) => parseRef(ref, word))
  if (parsed.length === 0) return []
  const users = await api.users.list()
  return parsed.map((ref) => findUser(users, ref, word, mayBeCreated))
}

interface Ref {
  text: string
  selector: string | null
  value: string
}

function parseRef(text: string, word: string): Ref {
  const [, selector = null, value = ''] = text.match(/^(id|name):(.*)$/s) ?? [null, null, text]
  if (value.trim() === '') throw usageError(`no ${word} in "${text}"`, 'use a name, id:N or name:X')
  if (selector === 'id' && !/^\d+$/.test(value)) {
    throw usageError(
      `invalid ${word} id ${JSON.stringify(value)}`,
      `an id is a number; see: headscale-ts ${word}s list`,
    )
  }
  return {text, selector, value}
}

function findUser(users: readonly User[], {text, selector, value}: Ref, word: string, mayBeCreated: boolean): User {
  const matches = users.filter(matcher(selector, value))
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new HeadscaleError(
      'ambiguous',
      `"${text}" matches several ${word}s: ${matches.map(describeUser).join('; ')}`,
      {
        hint: `specify one: ${matches.map(({id}) => `id:${id}`).join(' or ')}`,
        details: {candidates: matches.map(({id, name, email}) => ({id, name, email}))},
      },
    )
  }
  throw notFound({text, selector, value}, word, users, mayBeCreated)
}

function matcher(selector: string | null, value: string): (user: User) => boolean {
  switch (selector) {
    case 'id':
      return ({id}) => id === value
    case 'name':
      return ({name}) => name === value
    default:
      return ({id, name, email, providerId}) => [id, name, email, providerId].includes(value)
  }
}

function notFound(
  {text, selector, value}: Ref,
  word: string,
  users: readonly User[],
  mayBeCreated: boolean,
): HeadscaleError {
  const shownAs = users.filter(({displayName}) => displayName === value)
  const list = `see: headscale-ts ${word}s list`
  // No hint to create a user named like an e-mail address: in a policy the address would then match two users. Nor one
  // named like a key, which is a key in the wrong place.
  const creatable = mayBeCreated && selector !== 'id' && !/^\d+$|[@/]/.test(value) && !looksSecret(value)
  const hint =
    shownAs.length > 0
      ? `a display name does not identify a user; use ${shownAs.map(({id}) => `id:${id}`).join(' or ')}`
      : creatable
        ? `${list}; or create it: headscale-ts ${word}s create ${value}`
        : (keyHint(value) ?? list)
  return new HeadscaleError('not-found', `${word} "${text}" not found`, {hint})
}
