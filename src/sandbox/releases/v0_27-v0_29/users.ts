/**
 * Users of 0.27 to 0.29: identified by id; names have no rule but uniqueness.
 * Behaviour: hscontrol/grpcv1.go, state/state.go and db/users.go at v0.29.3.
 */
import {Code, ServerError, serverError} from '../../server-error.ts'
import {remove} from '../../tailnet.ts'
import {
  findUser,
  findUserByName,
  isNameTaken,
  listUsers,
  NAME_TAKEN,
  storedUserMessage,
} from '../shared/numbered-users.ts'
import {id, text, type Handlers} from '../shared/release-simulator.ts'
import {userMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'

export function userHandlers(release: ReleaseFacts): Handlers {
  const show = release.hasKeyIdsAndTags ? userMessage : storedUserMessage
  return {
    CreateUser: (tailnet, request) => {
      const name = text(request, 'name')
      if (isNameTaken(tailnet, name)) {
        throw new ServerError(Code.internal, `${release.createUserContext}: creating user: ${NAME_TAKEN}`)
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
      if (name !== '' && isNameTaken(tailnet, name, user)) throw serverError(`updating user: ${NAME_TAKEN}`)
      // an empty name changes nothing in the database, and is then looked up as the empty name
      if (name !== '') user.name = name
      return {user: show(findUserByName(tailnet, name))}
    },

    DeleteUser: (tailnet, request) => {
      const user = findUser(tailnet, id(request, 'id'))
      if (tailnet.nodes.some((node) => node.userId === user.id)) throw serverError('user not empty: node(s) found')
      for (const key of [...tailnet.preAuthKeys]) {
        if (release.deletesAllPreAuthKeys || key.userId === user.id) remove(tailnet.preAuthKeys, key)
      }
      remove(tailnet.users, user)
      return {}
    },

    ListUsers: (tailnet, request) => ({users: listUsers(tailnet, request).map(show)}),
  }
}
