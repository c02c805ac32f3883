import {describeUser, type User} from '../../domain/user.ts'

/**
 * Warnings about a name and an e-mail address that mean another user too. A policy names users by either, and a server
 * with a policy that names several users at once refuses to start.
 * @param except the user who gets them; null for a new user
 */
export function ambiguousInPolicies(
  users: readonly User[],
  {name, email}: {name: string; email?: string | undefined},
  except: User | null,
): string[] {
  return [name, email ?? ''].flatMap((text) => {
    const isMeant = (other: User) => text !== '' && (other.email === text || other.name === text)
    const namesake = users.find((other) => other.id !== except?.id && isMeant(other))
    if (!namesake) return []
    const what = namesake.email === text ? 'address' : 'name'
    return [
      `${text} is also the ${what} of user ${describeUser(namesake)}: headscale does not start with a policy that names it`,
    ]
  })
}
