/**
 * What a simulator is: one release as a client sees it, made of handlers over the tailnet.
 *
 * A handler gets a request in which every field is present (the listeners see to that) and answers in proto-JSON with
 * every field of that release; both listeners send the same object. It throws a ServerError to answer an error.
 * Facts of a release for the listeners (the answer to an invalid key, `/health`) are data here as well.
 */
import type {MessageSetId} from '../../../api/messages.ts'
import type {OperationId} from '../../../api/operations.ts'
import type {Pending, Tailnet} from '../../tailnet.ts'

/** A request or reply in proto-JSON spelling. */
export type Message = Record<string, unknown>

export type Handler = (tailnet: Tailnet, request: Message) => Message

export type Handlers = Partial<Record<OperationId, Handler>>

/** A plain HTTP answer outside the API. */
export interface Page {
  status: number
  type: string | null
  body: string
}

export type FieldType = 'string' | 'uint64' | 'boolean' | 'strings' | 'time'

/** One release group. */
export interface ReleaseSimulator {
  /** As given on the command line: `0.15`. */
  release: string
  /** The messages of the release; where there is no gRPC, those its JSON has the fields of. */
  messageSet: MessageSetId
  /** gRPC on the socket and a gateway on the address, or HTTP on both. */
  wire: 'grpc' | 'http'
  /** Tagged nodes keep the user who created them. */
  taggedNodesHaveUsers: boolean
  /** Every user has a name that no other user has: up to 0.23. */
  namesIdentifyUsers: boolean
  /** No two nodes have the same given name: since 0.23. */
  givenNamesAreUnique: boolean
  /** Tags that clients request are kept apart from those of administrators: 0.16 to 0.27. */
  separatesRequestedTags: boolean
  handlers: Handlers
  /** Messages by which clients tell releases apart, with the type of each field, in the order of the wire. */
  shapes: Record<string, Record<string, FieldType>>
  /** Versions of gRPC reflection that are answered. */
  reflection: readonly ('v1' | 'v1alpha')[]
  /** `Operation.field`: what the message set's superset knows and this release does not. */
  missingFields: readonly string[]
  /** Operations whose fields are in the body, although the table allows them in the query as well. */
  takesBody: readonly OperationId[]
  reusesAddresses: boolean
  /** Routes are rows with ids: 0.18 to 0.25. */
  keepsRouteRows: boolean
  /** A pre-auth key in the form of the release, made of 64 characters. */
  preAuthKey(material: string): string
  /** A new API key: the secret, and the part that lists show. */
  newApiKey(): {secret: string; prefix: string}
  /** The API key prefix a Bearer token claims to have, or null if it is not a key. */
  prefixOfToken(token: string): string | null
  /** The key under which this release stores a pending registration of the seed. */
  pendingKey(key: string): string
  /** The registration key as a client shows it, made of the form that pendingKey returns. */
  registrationKey(pendingKey: string): string
  /**
   * The pending registration of a client of the seed, with what differs between releases. The key is that of the seed,
   * null for a node that is already registered.
   */
  seedPending(pending: Pending, key: string | null): Pending
  http: {
    /** Paths below this need a key, whether they exist or not. */
    guarded: '/api/' | '/api/v1/'
    /** Whether an error about the type of a value in a body names its field. */
    namesFields: boolean
    /** Answer to a request without a valid key: none sent, unknown or wrong, expired. */
    unauthorized: Record<'missing' | 'wrong' | 'expired', Page>
    health: Page
    /** Null where the release has no such path. */
    version: Page | null
    /** The page at `/`. */
    root: Page
    /** All other paths outside the API. */
    otherwise: Page
  }
}

/** `2022-03-09T06:12:06Z`: a time as protojson writes it. */
export function time(value: Date | null): string | null {
  return value === null ? null : value.toISOString().replace(/\.000Z$/, 'Z')
}

/** The prefix of an API key of the form `prefix.secret`, as up to 0.27. */
export function dottedPrefix(token: string): string | null {
  return token.includes('.') ? token.slice(0, token.indexOf('.')) : null
}

/** A text field; '' when it was not sent. */
export function text(request: Message, field: string): string {
  return request[field] as string
}

/** A 64-bit id as decimal text; '0' when it was not sent. */
export function id(request: Message, field: string): string {
  return request[field] as string
}

export function flag(request: Message, field: string): boolean {
  return request[field] as boolean
}

export function list(request: Message, field: string): string[] {
  return request[field] as string[]
}

/** A time, or null when it was not sent. */
export function date(request: Message, field: string): Date | null {
  const value = request[field] as string | null | undefined
  return value ? new Date(value) : null
}
