/**
 * Namespaces of 0.15 to 0.18 and users of 0.19 to 0.23, which are the same thing: the API identifies them by name.
 * Behaviour: namespaces.go at v0.15.0 and v0.17.1, hscontrol/users.go at v0.22.3, hscontrol/db/users.go at v0.23.0.
 */
import {checkDnsName, type DnsNameMessages} from '../../names.ts'
import {serverError} from '../../server-error.ts'
import {remove, type Tailnet, type User} from '../../tailnet.ts'
import {text, time, type Handler, type Handlers, type Message} from './release-simulator.ts'

/** The terms of a release for owners. */
export interface OwnerFacts {
  /** In the fields of messages. */
  owner: 'namespace' | 'user'
  /** In error texts. */
  ownerTitle: 'Namespace' | 'User' | 'user'
  /** Its errors for names. */
  dnsMessages: DnsNameMessages
  /** Whether the list is in the order of ids as texts, "10" before "2": 0.23 alone. */
  sortsIdsAsText: boolean
}

export function ownerMessage(user: User): Message {
  return {id: user.id, name: user.name, createdAt: time(user.createdAt)}
}

/** The owner of the given name. */
export function findOwner(tailnet: Tailnet, {ownerTitle}: OwnerFacts, name: string): User {
  const found = tailnet.users.find((user) => user.name === name)
  if (!found) throw serverError(`${ownerTitle} not found`)
  return found
}

/** The lookup of lists and moves, which check the name first. */
export function findCheckedOwner(tailnet: Tailnet, release: OwnerFacts, name: string): User {
  checkDnsName(name, release.dnsMessages)
  return findOwner(tailnet, release, name)
}

/** A list in the order of the release. */
export function inOrder<T extends {id: string}>(list: T[], {sortsIdsAsText}: Pick<OwnerFacts, 'sortsIdsAsText'>): T[] {
  return sortsIdsAsText ? list.toSorted((a, b) => (a.id < b.id ? -1 : 1)) : list
}

export function ownerHandlers(release: OwnerFacts): Handlers {
  const mustBeFree = (tailnet: Tailnet, name: string) => {
    if (tailnet.users.some((user) => user.name === name)) throw serverError(`${release.ownerTitle} already exists`)
  }
  const reply = (user: User) => ({[release.owner]: ownerMessage(user)})

  const get: Handler = (tailnet, request) => reply(findOwner(tailnet, release, text(request, 'name')))

  const create: Handler = (tailnet, request) => {
    const name = text(request, 'name')
    checkDnsName(name, release.dnsMessages)
    mustBeFree(tailnet, name)
    return reply(tailnet.addUser({name}))
  }

  const rename: Handler = (tailnet, request) => {
    const user = findOwner(tailnet, release, text(request, 'oldName'))
    const name = text(request, 'newName')
    checkDnsName(name, release.dnsMessages)
    mustBeFree(tailnet, name)
    user.name = name
    return reply(user)
  }

  const destroy: Handler = (tailnet, request) => {
    const user = findOwner(tailnet, release, text(request, 'name'))
    if (tailnet.nodes.some((node) => node.userId === user.id)) {
      throw serverError(`${release.ownerTitle} not empty: node(s) found`)
    }
    for (const key of tailnet.preAuthKeys.filter((candidate) => candidate.userId === user.id)) {
      remove(tailnet.preAuthKeys, key)
    }
    remove(tailnet.users, user)
    return {}
  }

  const list: Handler = (tailnet) => ({[`${release.owner}s`]: inOrder(tailnet.users, release).map(ownerMessage)})

  return release.owner === 'user'
    ? {GetUser: get, CreateUser: create, RenameUserByName: rename, DeleteUserByName: destroy, ListUsers: list}
    : {
        GetNamespace: get,
        CreateNamespace: create,
        RenameNamespace: rename,
        DeleteNamespace: destroy,
        ListNamespaces: list,
      }
}
