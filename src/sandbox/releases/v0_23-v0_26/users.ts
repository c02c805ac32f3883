/**
 * Users of 0.24 to 0.26: identified by id, with rules for their names. Those of 0.23 are in owners.ts.
 * Behaviour: hscontrol/grpcv1.go and db/users.go at v0.25.1 and v0.26.1.
 */
import {checkAccountName, checkDnsName} from '../../names.ts'
import {serverError} from '../../server-error.ts'
import {remove, type Tailnet, type User} from '../../tailnet.ts'
import {id, text, type Handlers} from '../shared/release-simulator.ts'
import {findUser, findUserByName, isNameTaken, listUsers, NAME_TAKEN} from '../shared/numbered-users.ts'
import {findOwner} from '../shared/owners.ts'
import {userMessage} from './messages.ts'
import {checkLoadedPolicy} from './policy.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** The lookup by name; since 0.24 an empty name finds the user if there is only one. */
export function findNamed(tailnet: Tailnet, release: ReleaseFacts, name: string): User {
  return release.usersById ? findUserByName(tailnet, name) : findOwner(tailnet, release, name)
}

export function numberedUserHandlers(release: ReleaseFacts): Handlers {
  const checkName = (name: string) =>
    release.userNames === 'dns' ? checkDnsName(name, release.dnsMessages) : checkAccountName(name)
  return {
    CreateUser: (tailnet, request) => {
      const name = text(request, 'name')
      checkName(name)
      if (isNameTaken(tailnet, name)) throw serverError(`creating user: ${NAME_TAKEN}`)
      const user = tailnet.addUser({
        name,
        displayName: text(request, 'displayName'),
        email: text(request, 'email'),
        profilePicUrl: text(request, 'pictureUrl'),
      })
      checkLoadedPolicy(tailnet, release, 'user')
      return {user: userMessage(user, release)}
    },

    RenameUser: (tailnet, request) => {
      const user = findUser(tailnet, id(request, 'oldId'))
      const name = text(request, 'newName')
      checkName(name)
      if (user.provider === 'oidc') throw serverError('cannot edit OIDC user')
      if (isNameTaken(tailnet, name, user)) throw serverError(NAME_TAKEN)
      user.name = name
      // the server looks up the new name for the reply, and a user of single sign-on may have it as well
      return {user: userMessage(findUserByName(tailnet, name), release)}
    },

    DeleteUser: (tailnet, request) => {
      const user = findUser(tailnet, id(request, 'id'))
      if (tailnet.nodes.some((node) => node.userId === user.id)) throw serverError('user not empty: node(s) found')
      for (const key of tailnet.preAuthKeys.filter(({userId}) => userId === user.id)) remove(tailnet.preAuthKeys, key)
      remove(tailnet.users, user)
      checkLoadedPolicy(tailnet, release, 'user')
      return {}
    },

    ListUsers: (tailnet, request) => ({users: listUsers(tailnet, request).map((user) => userMessage(user, release))}),
  }
}
