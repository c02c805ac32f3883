/**
 * Converts a gRPC status to a HeadscaleError. The REST gateway returns the same codes in its bodies, so http-errors.ts
 * uses this too. server-errors.ts classifies the text of an error.
 */
import {type ErrorCode, HeadscaleError} from '../../../errors.ts'
import type {Operation} from '../../operations.ts'
import {CODE, GrpcStatus} from './status.ts'
import {errorOfChange, IndeterminateError} from '../indeterminate-error.ts'
import {classifyMessage} from '../server-errors.ts'
import {cleanText} from '../server-text.ts'

/** The hint for a key that the server rejects. */
export const KEY_HINT =
  'create a new key on the server (headscale apikeys create), or find the cause: headscale-ts doctor'

/** Codes whose message can be more specific than the code: most errors have 2, some 3, 5, 6 or 13 (0.26 to 0.29). */
const UNSPECIFIC: ReadonlySet<number> = new Set([CODE.UNKNOWN, CODE.INVALID_ARGUMENT, CODE.INTERNAL])

/** Codes of calls that the server may have executed. */
const OUTCOME_UNKNOWN: ReadonlySet<number> = new Set([CODE.CANCELLED, CODE.DEADLINE_EXCEEDED, CODE.UNAVAILABLE])

const BY_CODE: Readonly<Record<number, {code: ErrorCode; hint?: string}>> = {
  [CODE.CANCELLED]: {code: 'unreachable', hint: "check the server's log"},
  [CODE.UNKNOWN]: {code: 'invalid-input'},
  [CODE.INVALID_ARGUMENT]: {code: 'invalid-input'},
  [CODE.DEADLINE_EXCEEDED]: {code: 'timeout', hint: "try a longer --timeout, or check the server's log"},
  [CODE.NOT_FOUND]: {code: 'not-found'},
  [CODE.ALREADY_EXISTS]: {code: 'already-exists'},
  [CODE.PERMISSION_DENIED]: {code: 'permission-denied'},
  [CODE.RESOURCE_EXHAUSTED]: {
    code: 'failed',
    hint: 'the message is too large for the server: list one user at a time (--user), or use its unix socket (--socket)',
  },
  [CODE.UNIMPLEMENTED]: {
    code: 'unsupported-by-server',
    hint: 'this headscale release lacks it; see: headscale-ts version',
  },
  [CODE.UNAVAILABLE]: {code: 'unreachable', hint: 'check that headscale is running: systemctl status headscale'},
  [CODE.UNAUTHENTICATED]: {code: 'unauthenticated', hint: KEY_HINT},
}

/**
 * The error for a status.
 * @param apiKey the key in use, which is removed from the message
 */
export function statusError(code: number, text: string, apiKey: string | null = null): HeadscaleError {
  const server = cleanText(text, apiKey)
  const details = {grpcCode: code, server}
  if (code === CODE.INTERNAL && /failed to validate token|validating token/i.test(server)) {
    return new HeadscaleError('unauthenticated', 'the server rejected the API key: it is invalid or expired', {
      hint: KEY_HINT,
      details,
    })
  }
  const known = UNSPECIFIC.has(code) ? classifyMessage(server) : null
  const {code: ours, hint} = known ?? BY_CODE[code] ?? {code: 'failed' as const}
  const message = known?.message || server || `the server gave no reason (gRPC code ${code})`
  const Kind = OUTCOME_UNKNOWN.has(code) && !/dialing/.test(server) ? IndeterminateError : HeadscaleError
  return new Kind(ours, message, {...(hint ? {hint} : {}), details})
}

/** The error of one operation: translates a status, and marks a change whose outcome is unknown. */
export function callError(error: unknown, operation: Operation): unknown {
  const translated = error instanceof GrpcStatus ? statusError(error.code, error.message) : error
  return operation.reads ? translated : errorOfChange(translated)
}
