/**
 * What a command is about to change: `--dry-run` prints it, and the confirmation prompt names it. A change is described
 * from data that was already read, so nothing here needs a server.
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

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | {[key: string]: JsonValue}

/** The fields of an object that a change sets, under the names of the published documents. */
export type ChangedFields = Record<string, JsonValue>

/** One change of one object. Never holds a secret. */
export interface Change {
  /** The name of the command: `create`, `delete`, `rename`. */
  action: string
  kind: ChangeKind
  /** Null for an object that does not exist yet or has no id. */
  id: string | null
  name: string | null
  /** The user the object belongs to. */
  owner: {id: string | null; name: string} | null
  /** First IP address of a node, e-mail address of a user. */
  address: string | null
  /** The current values of the fields that change; null for a new object. */
  before: ChangedFields | null
  /** The new values of the same fields; null for a deleted object. */
  after: ChangedFields | null
  /** The change in one line: `delete node web-004 (id 4, ops, 100.64.0.4, online)`. */
  summary: string
  /** Why the object was chosen, for previews: `offline for 120 days`. Not in documents, which have it in the summary. */
  reason?: string
}

type Effect = Pick<Change, 'action'> & Partial<Pick<Change, 'before' | 'after'>>

/** A change of a node. @param summary the end of the line, after the node: ` to "router"` */
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

/** The change with the reason why its object was chosen. */
export function becauseOf(reason: string, change: Change): Change {
  return {...change, summary: `${change.summary}: ${reason}`, reason}
}

/** A change of a user. @param word the release's name for a user; @param summary the end of the line, after the user */
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

/** Verbs of changes, as they are after the change. */
const PAST: Readonly<Record<string, string>> = {set: 'set', tag: 'tagged', destroy: 'destroyed'}

/** The change as something that was done: `deleted node web-004 (id 4, ops, 100.64.0.4, online)`. */
export function doneText({summary}: Pick<Change, 'summary'>): string {
  return summary.replace(/^[a-z]+/, (verb) => PAST[verb] ?? (verb.endsWith('e') ? `${verb}d` : `${verb}ed`))
}
