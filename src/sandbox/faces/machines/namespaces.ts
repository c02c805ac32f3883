/**
 * Namespaces of 0.15 to 0.17: named, never numbered, by their clients.
 * Behaviour: namespaces.go and grpcv1.go at v0.17.1; texts of 0.15 at v0.15.0.
 */
import {checkDnsName} from '../../names.ts'
import {refuse} from '../../refusal.ts'
import {remove, type Tailnet, type User} from '../../tailnet.ts'
import {text, type Handlers} from '../face.ts'
import {namespaceMessage} from './messages.ts'
import type {MachinesRelease} from './release.ts'

/** @throws Refusal "Namespace not found" */
export function findNamespace(tailnet: Tailnet, name: string): User {
  const found = tailnet.users.find((user) => user.name === name)
  if (!found) throw refuse('Namespace not found')
  return found
}

/** The look-up of lists and moves, which apply the name rules to what they are asked for. */
export function findCheckedNamespace(tailnet: Tailnet, {words}: MachinesRelease, name: string): User {
  checkDnsName(name, words)
  return findNamespace(tailnet, name)
}

export function namespaceHandlers({words}: MachinesRelease): Handlers {
  const mustBeFree = (tailnet: Tailnet, name: string) => {
    if (tailnet.users.some((user) => user.name === name)) throw refuse('Namespace already exists')
  }
  return {
    GetNamespace: (tailnet, request) => ({
      namespace: namespaceMessage(findNamespace(tailnet, text(request, 'name'))),
    }),

    CreateNamespace: (tailnet, request) => {
      const name = text(request, 'name')
      checkDnsName(name, words)
      mustBeFree(tailnet, name)
      return {namespace: namespaceMessage(tailnet.addUser({name}))}
    },

    RenameNamespace: (tailnet, request) => {
      const user = findNamespace(tailnet, text(request, 'oldName'))
      const name = text(request, 'newName')
      checkDnsName(name, words)
      mustBeFree(tailnet, name)
      user.name = name
      return {namespace: namespaceMessage(user)}
    },

    DeleteNamespace: (tailnet, request) => {
      const user = findNamespace(tailnet, text(request, 'name'))
      if (tailnet.nodes.some((node) => node.userId === user.id)) throw refuse('Namespace not empty: node(s) found')
      for (const key of tailnet.preAuthKeys.filter((candidate) => candidate.userId === user.id)) {
        remove(tailnet.preAuthKeys, key)
      }
      remove(tailnet.users, user)
      return {}
    },

    ListNamespaces: (tailnet) => ({namespaces: tailnet.users.map(namespaceMessage)}),
  }
}
