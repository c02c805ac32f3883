/**
 * The users of a seed, and how nodes and keys of the seed refer to them.
 *
 * Real servers since 0.24 have users without a unique name: with no user name, or with the name of another. A seed
 * can have them too, but none that the database of the release would reject.
 */
import {usageError} from '../../errors.ts'
import {isNameTaken} from '../releases/shared/numbered-users.ts'
import type {ReleaseSimulator} from '../releases/shared/release-simulator.ts'
import type {Tailnet, User} from '../tailnet.ts'
import {ascendingIds} from './ids.ts'
import {readTime} from './read-time.ts'
import type {SeedUser} from '../../tailnet-file/tailnet-data.ts'

/**
 * Adds the users of a seed.
 * @throws HeadscaleError for users that a server of the release cannot have
 */
export function addUsers(tailnet: Tailnet, users: readonly SeedUser[], simulator: ReleaseSimulator): void {
  const idOf = ascendingIds('users')
  for (const [index, {id, createdAt, ...profile}] of users.entries()) {
    const user = {...profile, name: profile.name ?? '', providerId: profile.providerId ?? ''}
    const fault = simulator.namesIdentifyUsers ? nameFault(tailnet, user, simulator.release) : fault24(tailnet, user)
    if (fault) throw usageError(`invalid seed: users.${index}: ${fault.message}`, fault.hint)
    tailnet.addUser({
      ...user,
      ...idOf(index, id),
      provider: user.provider ?? (user.providerId === '' ? '' : 'oidc'),
      createdAt: createdAt === undefined ? tailnet.now() : readTime(createdAt),
    })
  }
}

interface Fault {
  message: string
  hint: string
}

/** Up to 0.23 every user has a name that no other user has. */
function nameFault(tailnet: Tailnet, {name}: {name: string}, release: string): Fault | null {
  if (name === '') {
    return {message: `headscale ${release} requires a user name`, hint: 'add a name, or simulate 0.24 or later'}
  }
  if (!tailnet.users.some((other) => other.name === name)) return null
  return {
    message: `another user has the name ${JSON.stringify(name)}`,
    hint: 'use unique names, or simulate 0.24 or later, where users with a providerId may share a name',
  }
}

/** Since 0.24 provider ids are unique, and among the users without one the names. */
function fault24(tailnet: Tailnet, {name, providerId}: {name: string; providerId: string}): Fault | null {
  if (providerId !== '') {
    if (!tailnet.users.some((other) => other.providerId === providerId)) return null
    return {message: `another user has the providerId ${JSON.stringify(providerId)}`, hint: 'use unique provider ids'}
  }
  if (!isNameTaken(tailnet, name)) return null
  return {
    message: `another user without a providerId has the name ${JSON.stringify(name)}`,
    hint: 'use unique names, or add a providerId',
  }
}

/**
 * The user that a node or a key of the seed names: by `id:N`, else by name, e-mail address or provider id, the first of
 * them that somebody has. If nobody has them, a user of that name is created.
 * @throws HeadscaleError when the reference is ambiguous, or an unknown id
 */
export function findOwner(tailnet: Tailnet, reference: string, where: string): User {
  const id = /^id:(\d+)$/.exec(reference)?.[1]
  if (id !== undefined) {
    const user = tailnet.user(id)
    if (user) return user
    throw usageError(
      `invalid seed: ${where}: user not found: ${JSON.stringify(reference)}`,
      'a user without an id has the one after the user before it; the first has 1',
    )
  }
  for (const field of ['name', 'email', 'providerId'] as const) {
    const [user, ...others] = tailnet.users.filter((candidate) => candidate[field] === reference)
    if (user && others.length === 0) return user
    if (user) {
      const ids = [user, ...others].map((candidate) => `id:${candidate.id}`).join(', ')
      throw usageError(
        `invalid seed: ${where}: ambiguous user ${JSON.stringify(reference)}: ${ids}`,
        'refer to the user by id, as in id:2',
      )
    }
  }
  return tailnet.addUser({name: reference})
}
