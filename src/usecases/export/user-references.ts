/** How nodes and keys of a tailnet file name their user: by a name that means one user, else by id. */
import type {User} from '../../domain/user.ts'

/** @returns the reference for a user of the list; by id for any other */
export function userReferences(users: readonly User[]): (user: Pick<User, 'id'>) => string {
  const counts = new Map<string, number>()
  for (const {name} of users) counts.set(name, (counts.get(name) ?? 0) + 1)
  const references = new Map(
    users
      .filter((user) => user.name !== '' && !isShownUnnamed(user) && !user.name.startsWith('id:'))
      .filter(({name}) => counts.get(name) === 1)
      .map(({id, name}) => [id, name]),
  )
  return ({id}) => references.get(id) ?? `id:${id}`
}

/**
 * Whether a user of single sign-on has no name, where the server shows the e-mail address, the provider id or the id in its
 * place. A user whose name is the same as that looks the same, in a copy without a name too.
 */
export function isShownUnnamed({id, name, email, providerId}: User): boolean {
  return !!providerId && name === (email || providerId || id)
}
