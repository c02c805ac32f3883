/** The users or keys of a command, from arguments and flags. */
import {type Expected, rejectOtherKey} from '../../domain/values/secret-kind.ts'
import {usageError} from '../../errors.ts'
import {quoted} from './quoted.ts'

/** The references for resolveUser, from arguments, `-i ID` and `-n NAME`. */
export function userReferences({
  user = [],
  identifier,
  name,
}: {
  user?: readonly string[] | undefined
  identifier?: string | undefined
  name?: string | undefined
}): string[] {
  return [
    ...(identifier === undefined ? [] : [`id:${identifier}`]),
    ...(name === undefined ? [] : [`name:${name}`]),
    ...user,
  ]
}

/** The one reference for resolveUser. @throws HeadscaleError (usage) for none, or more than one */
export function userTarget(
  {user, identifier, name}: {user?: string | undefined; identifier?: string | undefined; name?: string | undefined},
  command: string,
): string {
  const given = userReferences({user: user === undefined ? [] : [user], identifier, name})
  if (given.length === 1) return given[0]!
  throw given.length === 0
    ? usageError('no user given', `see: headscale-ts ${command} --help`)
    : usageError('the user is specified more than once', 'use one of: a name, -i ID or -n NAME')
}

/**
 * The reference for findApiKey and findPreAuthKey: `id:3` as `-i` gives it, or a key, a prefix or an id as typed.
 * @throws HeadscaleError (usage) for an ID that is not a number, or a key of another kind
 */
export function keyReference(word: string, expected: Expected): {id: string} | {text: string} {
  const [, id] = word.match(/^id:(.*)$/s) ?? []
  rejectOtherKey(id ?? word, expected)
  if (id === undefined) return {text: word}
  if (!/^\d+$/.test(id)) throw usageError(`invalid ID ${quoted(id)}`, 'expected a number, as shown by the list command')
  return {id}
}

/** A key in messages. Only an id is repeated: anything else may be a secret. */
export function keyLabel(word: string): string {
  return /^(id:)?\d{1,9}$/.test(word) ? word.replace('id:', '') : 'a key'
}
