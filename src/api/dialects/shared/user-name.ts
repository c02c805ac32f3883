/**
 * The name of a user for requests that do not accept an id (registering and moving nodes on most releases, pre-auth
 * keys up to 0.25). A name is sent only if the server finds exactly this user by it: some releases read an empty name
 * as "all users", two users of single sign-on can have the same name, and since 0.28 a user without a name is shown
 * under its e-mail address, which can be the name of another user. Names are unique on releases without profiles.
 */
import {describeUser, type User} from '../../../domain/user.ts'
import {HeadscaleError} from '../../../errors.ts'
import type {Dialect} from './dialect.ts'
import type {WireUser} from './schemas.ts'

/** @throws HeadscaleError (unsupported-by-server) for a user without a name, (ambiguous) for a name of several users */
export async function requestName({group, call}: Dialect, user: User): Promise<string> {
  if (user.name === '') throw hasNoName(user, group.releases)
  if (!group.capabilities.userProfiles) return user.name
  const {users} = await call<{users: WireUser[]}>('ListUsers', {name: user.name})
  if (users.length === 0) throw hasNoName(user, group.releases)
  if (users.length === 1 && users[0]!.id === user.id) return user.name
  throw new HeadscaleError(
    'ambiguous',
    `user ${describeUser(user)} cannot be named in this request: the name also means id ${users
      .map(({id}) => id)
      .filter((id) => id !== user.id)
      .join(', ')}`,
    {
      hint: `headscale ${group.releases} takes only a user name here; rename one of the users`,
      details: {candidates: users.map(({id, name}) => ({id, name}))},
    },
  )
}

function hasNoName(user: User, releases: string): HeadscaleError {
  return new HeadscaleError(
    'unsupported-by-server',
    `user ${describeUser(user)} cannot be named in this request: the user has no user name`,
    {
      hint: `headscale ${releases} takes only a user name here, and single sign-on gave this user none`,
      details: {user: user.id, found: releases},
    },
  )
}
