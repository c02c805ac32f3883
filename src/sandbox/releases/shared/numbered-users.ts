/**
 * Users since 0.24: identified by id in the API, with a profile.
 *
 * A user of single sign-on has a provider id, and may have no user name or the name of another user; only names of
 * users without a provider id are unique. Lookups by name use the stored name, never what is displayed in its place.
 * Sources: hscontrol/types/users.go and hscontrol/db/users.go at v0.25.1, v0.26.1, v0.28.0 and v0.29.3.
 */
import {serverError} from '../../server-error.ts'
import type {Tailnet, User} from '../../tailnet.ts'
import {id, text, time, type FieldType, type Message} from './release-simulator.ts'

/** The message of a user, for reflection and the OpenAPI document. */
export const USER_SHAPE: Record<string, FieldType> = {
  id: 'uint64',
  name: 'string',
  createdAt: 'time',
  displayName: 'string',
  email: 'string',
  providerId: 'string',
  provider: 'string',
  profilePicUrl: 'string',
}

/** The error of SQLite for a name that is taken. */
export const NAME_TAKEN = 'constraint failed: UNIQUE constraint failed: users.name (2067)'

/** Whether the database would reject a name for a user, or for a new one without a provider id. */
export function isNameTaken(tailnet: Tailnet, name: string, user?: User): boolean {
  if (user?.providerId) return false
  return tailnet.users.some((other) => other !== user && other.providerId === '' && other.name === name)
}

/** A user as the database has it, which 0.24 to 0.27 show. */
export function storedUserMessage(user: User): Message {
  return {
    id: user.id,
    name: user.name,
    createdAt: time(user.createdAt),
    displayName: user.displayName,
    email: user.email,
    providerId: user.providerId,
    provider: user.provider,
    profilePicUrl: user.profilePicUrl,
  }
}

/** The server's Username(): an e-mail address comes before the user name. */
export function usernameOf({email, name, providerId, id: userId}: User): string {
  return email || name || providerId || userId
}

/** @throws ServerError "user not found" */
export function findUser(tailnet: Tailnet, userId: string): User {
  const found = tailnet.user(userId)
  if (!found) throw serverError('user not found')
  return found
}

/** The lookup by name. An empty name drops the condition, so that it finds the user when there is only one. */
export function findUserByName(tailnet: Tailnet, name: string): User {
  const [user, ...others] = tailnet.users.filter((candidate) => name === '' || candidate.name === name)
  if (!user) throw serverError('user not found')
  if (others.length > 0) throw serverError(`expected exactly one user, found ${others.length + 1}`)
  return user
}

/** The users a request asks for: by the first of name, e-mail address and id that it has, else all. */
export function listUsers(tailnet: Tailnet, request: Message): User[] {
  const [name, email, userId] = [text(request, 'name'), text(request, 'email'), id(request, 'id')]
  return tailnet.users.filter((user) =>
    name !== '' ? user.name === name : email !== '' ? user.email === email : userId === '0' || user.id === userId,
  )
}
