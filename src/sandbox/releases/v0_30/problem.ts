/**
 * Errors of the 0.30 tree: an HTTP status, the failed action, and the reasons (RFC 7807).
 *
 * Most handlers are those of 0.29 with its texts; `problemOf` turns their errors into problems. Compared with the
 * recorded exchanges in test/sandbox/fixtures.
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

  /** @param detail the failed action, or the whole message if there are no reasons */
  constructor(status: number, detail: string, ...reasons: Reason[]) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.reasons = reasons
  }

  /** The body of the reply. */
  toJson(): object {
    return {
      title: TITLES[this.status],
      status: this.status,
      detail: this.message,
      ...(this.reasons.length > 0 && {errors: this.reasons}),
    }
  }
}

/** The failed action of an operation whose error in 0.29 does not name it. */
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

/** Messages without a separate reason. */
const ALONE = /^(node not found$|must provide |provide either |cannot |no pending auth )/

/** Messages that begin with the failed action. */
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
