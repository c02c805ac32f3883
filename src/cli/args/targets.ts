/** The user or key of a command, from an argument or a flag. */
import {usageError} from '../../errors.ts'
import {quoted} from './quoted.ts'

interface UserOptions {
  user?: string | undefined
  identifier?: string | undefined
  name?: string | undefined
}

/** The reference for resolveUser, from an argument, `-i ID` or `-n NAME`: exactly one. @throws HeadscaleError (usage) */
export function userTarget({user, identifier, name}: UserOptions, command: string): string {
  const given = [user, identifier && `id:${identifier}`, name && `name:${name}`].filter(
    (way) => way !== undefined && way !== '',
  )
  if (given.length === 1) return given[0]!
  throw given.length === 0
    ? usageError('no user given', `see: headscale-ts ${command} --help`)
    : usageError('the user is specified more than once', 'use one of: a name, -i ID or -n NAME')
}

/** The reference for findApiKey and findPreAuthKey, from an argument, `-i ID` or `-p PREFIX`. */
export function keyTarget(
  {key, id, prefix}: {key?: string | undefined; id?: string | undefined; prefix?: string | undefined},
  command: string,
): {id: string} | {text: string} {
  const given = [key, id, prefix].filter((way) => way !== undefined)
  if (given.length !== 1) {
    throw usageError(
      given.length === 0 ? 'no key given' : 'the key is specified more than once',
      `see: headscale-ts ${command} --help`,
    )
  }
  if (id === undefined) return {text: (key ?? prefix)!}
  if (!/^\d+$/.test(id)) throw usageError(`invalid ID ${quoted(id)}`, 'expected a number, as shown by the list command')
  return {id}
}
