/**
 * How the 0.30 tree says no: an HTTP status, what was tried, and why it failed (RFC 7807).
 *
 * Most handlers are those of 0.29 with its texts, so that most problems are made of its refusals; `problemOf` is the
 * table of what became of them. Held by the recorded exchanges in test/sandbox/fixtures.
 */
import type {OperationId} from '../../../api/operations.ts'
import type {ServerError} from '../../server-error.ts'

/** One reason within a problem. */
export interface Reason {
  message: string
  location?: string
  value?: unknown
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  500: 'Internal Server Error',
}

export class Problem extends Error {
  readonly status: number
  readonly reasons: readonly Reason[]

  /** @param detail what was tried; the whole of it when there are no reasons */
  constructor(status: number, detail: string, ...reasons: Reason[]) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.reasons = reasons
  }

  /** The body of the answer. */
  toJson(): object {
    return {
      title: TITLES[this.status],
      status: this.status,
      detail: this.message,
      ...(this.reasons.length > 0 && {errors: this.reasons}),
    }
  }
}

/** What a failed operation had tried, where its refusal in 0.29 does not say so. */
const TRIED: Partial<Record<OperationId, string>> = {
  ListNodes: 'listing nodes',
  RenameUser: 'renaming user',
  DeleteUser: 'deleting user',
  CreatePreAuthKey: 'creating pre-auth key',
  ExpirePreAuthKeyById: 'expiring pre-auth key',
  DeletePreAuthKey: 'deleting pre-auth key',
  ExpireApiKey: 'getting api key',
  DeleteApiKey: 'getting api key',
  RegisterNode: 'registering node',
  AuthRegister: 'registering node',
  DebugCreateNode: 'creating node',
  SetTags: 'setting tags',
  SetApprovedRoutes: 'setting approved routes',
  ExpireNode: 'expiring node',
  RenameNode: 'renaming node',
  BackfillNodeIPs: 'backfilling node IPs',
}

/** Texts that stand alone. */
const ALONE = /^(node not found$|must provide |provide either |cannot |no pending auth )/

/** Refusals that begin with what was tried. */
const PREFIXED =
  /^(looking up user|parsing route|setting policy|invalid auth_id|renaming node|loading ACL from database): (.*)$/s

export function problemOf(operation: OperationId, {message}: ServerError): Problem {
  if (operation === 'CreateUser') return new Problem(409, 'user already exists')
  if (operation === 'CheckPolicy') return new Problem(400, message, {message})
  if (ALONE.test(message)) return new Problem(statusOf(message), message)
  const [, tried, cause = ''] = PREFIXED.exec(message) ?? []
  if (tried === 'renaming node')
    return new Problem(400, tried, {message: `given name is not a valid DNS label: ${cause}`})
  if (tried !== undefined) return new Problem(statusOf(cause), tried, {message: cause})
  if (operation === 'CreatePreAuthKey' && message.startsWith('tag')) return new Problem(400, 'invalid tag', {message})
  const routes = operation === 'DebugCreateNode' && message.startsWith('netip.')
  return new Problem(statusOf(message), routes ? 'parsing route' : (TRIED[operation] ?? message), {message})
}

function statusOf(message: string): number {
  if (/not found|no longer exists|^no pending/.test(message)) return 404
  return /constraint failed/.test(message) ? 500 : 400
}
