/**
 * What a changing command is about to do, as facts: what `--dry-run` prints and what a question names. A change is
 * described from what was read before it, so nothing here needs a server.
 */
import {type Node, describeNode, nodeName} from './node.ts'
import {type User, describeUser} from './user.ts'

export type ChangeKind =
  | 'user'
  | 'node'
  | 'route'
  | 'pre-auth-key'
  | 'api-key'
  | 'oauth-client'
  | 'auth-request'
  | 'policy'

/** A value of JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | {[key: string]: JsonValue}

/** The fields of an object that a change sets, under the names of the published documents. */
export type ChangedFields = Record<string, JsonValue>

/** One change of one object. Never holds a secret. */
export interface Change {
  /** What is done, as the name of the command: `create`, `delete`, `rename`. */
  action: string
  kind: ChangeKind
  /** Null for an object that does not exist yet or has no id. */
  id: string | null
  name: string | null
  /** The user the object belongs to. */
  owner: {id: string | null; name: string} | null
  /** First IP address of a node, e-mail address of a user. */
  address: string | null
  /** The fields that change, as they are; null for a new object. */
  before: ChangedFields | null
  /** The same fields afterwards; null for a deleted object. */
  after: ChangedFields | null
  /** The change as one line without its subject: `delete node web-004 (id 4, ops, 100.64.0.4, online)`. */
  summary: string
}

type Effect = Pick<Change, 'action'> & Partial<Pick<Change, 'before' | 'after'>>

/** A change of a node. @param summary how the line ends after the node, such as ` to "router"` */
export function nodeChange(node: Node, {action, before = null, after = null}: Effect, summary = ''): Change {
  return {
    action,
    kind: 'node',
    id: node.id,
    name: nodeName(node),
    owner: node.user && {id: node.user.id, name: node.user.name},
    address: node.ipAddresses[0] ?? null,
    before,
    after,
    summary: `${action} node ${describeNode(node)}${summary}`,
  }
}

/** A change of a user. @param word what the release calls it; @param summary how the line ends after the user */
export function userChange(
  word: 'namespace' | 'user',
  user: User,
  {action, before = null, after = null}: Effect,
  summary = '',
): Change {
  return {
    action,
    kind: 'user',
    id: user.id,
    name: user.name,
    owner: null,
    address: user.email || null,
    before,
    after,
    summary: `${action} ${word} ${describeUser(user)}${summary}`,
  }
}

/** A change of any other object. */
export function otherChange(
  change: Pick<Change, 'action' | 'kind' | 'summary'> & Partial<Omit<Change, 'action' | 'kind' | 'summary'>>,
): Change {
  return {id: null, name: null, owner: null, address: null, before: null, after: null, ...change}
}
