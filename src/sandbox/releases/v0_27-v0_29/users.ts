/**
 * Users of 0.27 to 0.29: numbered, and free in their names, since the API applies no rule but uniqueness.
 * Behaviour: hscontrol/grpcv1.go, state/state.go and db/users.go at v0.29.2.
 */
import {Code, Refusal, refuse} from '../../server-error.ts'
import {remove, type Tailnet, type User} from '../../tailnet.ts'
import {id, text, type Handlers, type Message} from '../shared/release-simulator.ts'
import {storedUserMessage, userMessage} from './messages.ts'
import type {NodesRelease} from './release.ts'

/** What SQLite says to a name that is taken. */
export const TAKEN = 'constraint failed: UNIQUE constraint failed: users.name (2067)'

/** @throws Refusal "user not found" */
export function findUser(tailnet: Tailnet, userId: string): User {
  const found = tailnet.user(userId)
  if (!found) throw refuse('user not found')
  return found
}

/** The look-up by name. An empty name drops the condition, so that it finds the user when there is only one. */
export function findUserByName(tailnet: Tailnet, name: string): User {
  const [user, ...others] = tailnet.users.filter((candidate) => name === '' || candidate.name === name)
  if (!user) throw refuse('user not found')
  if (others.length > 0) throw refuse(`expected exactly one user, found ${others.length + 1}`)
  return user
}

/** The users a request asks for: by the first of name, e-mail address and id that it has, else all. */
export function listUsers(tailnet: Tailnet, request: Message): User[] {
  const [name, email, userId] = [text(request, 'name'), text(request, 'email'), id(request, 'id')]
  return tailnet.users.filter((user) =>
    name !== '' ? user.name === name : email !== '' ? user.email === email : userId === '0' || user.id === userId,
  )
}

export function userHandlers(release: NodesRelease): Handlers {
  const show = release.hasKeyIdsAndTags ? userMessage : storedUserMessage
  return {
    CreateUser: (tailnet, request) => {
      const name = text(request, 'name')
      if (tailnet.users.some((user) => user.name === name)) {
        throw new Refusal(Code.internal, `${release.createUserContext}: creating user: ${TAKEN}`)
      }
      const user = tailnet.addUser({
        name,
        displayName: text(request, 'displayName'),
        email: text(request, 'email'),
        profilePicUrl: text(request, 'pictureUrl'),
      })
      return {user: show(user)}
    },

    RenameUser: (tailnet, request) => {
      const user = findUser(tailnet, id(request, 'oldId'))
      const name = text(request, 'newName')
      const taken = tailnet.users.some((other) => other !== user && other.name === name)
      if (name !== '' && taken) throw refuse(`updating user: ${TAKEN}`)
      // an empty name is no change to the data base, and is then looked up as the empty name
      if (name !== '') user.name = name
      return {user: show(findUserByName(tailnet, name))}
    },

    DeleteUser: (tailnet, request) => {
      const user = findUser(tailnet, id(request, 'id'))
      if (tailnet.nodes.some((node) => node.userId === user.id)) throw refuse('user not empty: node(s) found')
      for (const key of [...tailnet.preAuthKeys]) {
        if (release.deletesAllPreAuthKeys || key.userId === user.id) remove(tailnet.preAuthKeys, key)
      }
      remove(tailnet.users, user)
      return {}
    },

    ListUsers: (tailnet, request) => ({users: listUsers(tailnet, request).map(show)}),
  }
}
