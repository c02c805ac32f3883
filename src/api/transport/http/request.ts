/**
 * Builds a REST request from an operation and its fields: path, query string, JSON body. Pure.
 *
 * The path is built as text and not with URL, which would turn a name like `..` into another call.
 */
import {usageError} from '../../../errors.ts'
import type {Operation} from '../../operations.ts'
import type {WireMessage} from '../transport.ts'

export interface RestRequest {
  method: Operation['method']
  /** Path and query below the server's address, percent-encoded. */
  path: string
  /** JSON; null if the operation has no body. */
  body: string | null
}

/**
 * @throws HeadscaleError `usage` for an empty path value, which would make it another request, and for text that is not
 *   well-formed Unicode, which cannot be sent unchanged
 */
export function restRequest(operation: Operation, request: WireMessage): RestRequest {
  for (const [field, value] of Object.entries(request)) checkWellFormed(field, value)
  const path = operation.path.replace(/\{(\w+)\}/g, (_, field: string) => pathValue(field, request[field]))
  const query = queryString(operation.query, request)
  return {
    method: operation.method,
    path: `${operation.root}${path}${query && '?'}${query}`,
    body: operation.body.length > 0 ? jsonBody(operation.body, request) : null,
  }
}

function pathValue(field: string, value: unknown): string {
  const text = isAbsent(value) ? '' : String(value)
  if (text === '') throw usageError(`an empty ${words(field)} cannot be sent to the server`, 'nothing was sent')
  // Servers and proxies read an unencoded `.` or `..` as a step in the path.
  return encodeURIComponent(text).replace(/^\.\.?$/, (dots) => dots.replaceAll('.', '%2E'))
}

/** Rejects a lone surrogate: UTF-8 has no form for it, and a replacement would name something else. */
function checkWellFormed(field: string, value: unknown): void {
  if ([value].flat().every((part) => typeof part !== 'string' || part.isWellFormed())) return
  throw usageError(
    `the ${words(field)} contains an incomplete character (a lone surrogate)`,
    'type the value again; nothing was sent',
  )
}

/** `oldName` → `old name`. */
function words(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** A list repeats its key for each value, as grpc-gateway requires. */
function queryString(fields: readonly string[], request: WireMessage): string {
  const pairs: string[] = []
  for (const field of fields) {
    for (const value of [request[field]].flat()) {
      if (!isAbsent(value)) pairs.push(`${field}=${encodeURIComponent(String(value))}`)
    }
  }
  return pairs.join('&')
}

/** Null fields are left out: 0.30 rejects them, while the gateway reads them as the zero value. */
function jsonBody(fields: readonly string[], request: WireMessage): string {
  const present = fields.filter((field) => !isAbsent(request[field]))
  return JSON.stringify(Object.fromEntries(present.map((field) => [field, request[field]])))
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}
