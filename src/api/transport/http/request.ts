/**
 * From an operation and its fields to a REST request: path, query string, JSON body. Pure.
 *
 * The path is built as text and never goes through URL, which would collapse a name like `..` into another call.
 */
import {usageError} from '../../../errors.ts'
import type {Operation} from '../../operations.ts'
import type {WireMessage} from '../transport.ts'

export interface RestRequest {
  method: Operation['method']
  /** Path and query below the server's address, percent-encoded. */
  path: string
  /** JSON, null when the operation has no body. */
  body: string | null
}

/** @throws HeadscaleError `usage` for an empty path value: it would turn the request into another one */
export function restRequest(operation: Operation, request: WireMessage): RestRequest {
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
  // Servers and proxies take `.` and `..` for steps in the path when they stand there bare.
  return encodeURIComponent(text).replace(/^\.\.?$/, (dots) => dots.replaceAll('.', '%2E'))
}

/** `oldName` → `old name`. */
function words(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** A repeated field repeats its key, as grpc-gateway wants it. */
function queryString(fields: readonly string[], request: WireMessage): string {
  const pairs: string[] = []
  for (const field of fields) {
    for (const value of [request[field]].flat()) {
      if (!isAbsent(value)) pairs.push(`${field}=${encodeURIComponent(String(value))}`)
    }
  }
  return pairs.join('&')
}

/** Null counts as absent: the 0.30 server refuses it where the gateway takes it for the zero value. */
function jsonBody(fields: readonly string[], request: WireMessage): string {
  const present = fields.filter((field) => !isAbsent(request[field]))
  return JSON.stringify(Object.fromEntries(present.map((field) => [field, request[field]])))
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}
