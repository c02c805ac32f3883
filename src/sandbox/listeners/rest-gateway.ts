/**
 * The REST gateway's way with a request: which operation a path is, and how path, query and body become the message.
 *
 * It follows grpc-gateway v2 as the servers are built with it: the path is decoded before it is split, a path with
 * another method is 501, unknown names are ignored, names may be camelCase or snake_case. Types come from the empty
 * message of the message set, so that no second description of the messages exists.
 */
import {REST_ROOT, type Operation} from '../../api/operations.ts'
import type {Message} from '../releases/shared/release-simulator.ts'
import {Code, invalid, Refusal} from '../server-error.ts'

export interface Route {
  operation: Operation
  path: Record<string, string>
}

/** HTTP status of a gRPC code (grpc-gateway runtime/errors.go). */
export function httpStatus(code: number): number {
  const statuses: Record<number, number> = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 12: 501, 14: 503, 16: 401}
  return statuses[code] ?? 500
}

/**
 * Finds the operation of a request.
 * @param path everything before `?`, still percent-encoded
 * @throws Refusal with code 5 when no path fits and 12 when one fits with another method
 */
export function route(operations: readonly Operation[], method: string, path: string): Route {
  const parts = decodeURIComponentSafe(path).slice(REST_ROOT.length).split('/')
  let otherMethod = false
  for (const operation of operations) {
    const fields = match(operation.path.split('/'), parts)
    if (!fields) continue
    if (operation.method === method) return {operation, path: fields}
    otherMethod = true
  }
  throw otherMethod ? new Refusal(Code.unimplemented, 'Method Not Allowed') : new Refusal(Code.notFound, 'Not Found')
}

function decodeURIComponentSafe(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Refusal(Code.invalidArgument, `malformed path escape ${JSON.stringify(path)}`)
  }
}

function match(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null
  const fields: Record<string, string> = {}
  for (const [index, piece] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (piece.startsWith('{')) fields[piece.slice(1, -1)] = part
    else if (piece !== part) return null
  }
  return fields
}

export interface Input {
  query: URLSearchParams
  body: string
  /** Whether a fault of type is reported with the name of its field. */
  namesFields: boolean
  /** The values stand in the body although the table lets them stand in the query as well. */
  takesBody: boolean
}

/**
 * Fills the empty message of an operation.
 * @param empty every field with its zero value, which tells its type; null marks a time
 * @throws Refusal with code 3 for a value that does not fit its field
 */
export function fill(empty: Message, {operation, path}: Route, {query, body, namesFields, takesBody}: Input): Message {
  const message = {...empty}
  if (operation.query.length > 0 && !takesBody) {
    for (const name of new Set(query.keys())) {
      const field = fieldNamed(empty, name, operation.query)
      if (field) message[field] = fromText(empty[field], query.getAll(name), `parsing field "${snakeCase(field)}"`)
    }
  } else if (operation.body.length > 0) {
    Object.assign(message, fromBody(empty, operation.body, body, namesFields))
  }
  for (const [field, value] of Object.entries(path)) {
    message[field] = fromText(empty[field], [value], `type mismatch, parameter: ${snakeCase(field)}, error`, true)
  }
  return message
}

function fieldNamed(empty: Message, name: string, allowed: readonly string[]): string | null {
  const field = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return allowed.includes(field) && field in empty ? field : null
}

function snakeCase(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function fromText(zero: unknown, values: string[], context: string, anyBase = false): unknown {
  const value = values.at(-1) ?? ''
  if (Array.isArray(zero)) return values
  if (zero === '0') return unsigned(value, context, anyBase)
  if (typeof zero === 'boolean') return truth(value, context)
  if (zero === '') return value
  if (!isTime(value)) {
    const layout = '2006-01-02T15:04:05.999999999Z07:00'
    throw invalid(
      `${context}: parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    )
  }
  return value
}

function unsigned(value: string, context: string, anyBase: boolean): string {
  const digits = anyBase ? /^(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i : /^\d+$/
  const fail = (why: string) => invalid(`${context}: strconv.ParseUint: parsing ${JSON.stringify(value)}: ${why}`)
  if (!digits.test(value)) throw fail('invalid syntax')
  const number = BigInt(value)
  if (number >= 1n << 64n) throw fail('value out of range')
  return String(number)
}

/** What Go's strconv.ParseBool takes. */
function truth(value: string, context: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false
  throw invalid(`${context}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value))
}

function fromBody(empty: Message, allowed: readonly string[], body: string, namesFields: boolean): Message {
  if (body.trim() === '') return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch (error) {
    throw invalid(syntaxFault(body, String(error)))
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid(`proto: syntax error (line 1:1): unexpected token ${Array.isArray(parsed) ? '[' : body.trim()}`)
  }
  const message: Message = {}
  for (const [name, value] of Object.entries(parsed)) {
    const field = fieldNamed(empty, name, allowed)
    if (!field || value === null) continue
    const fault = jsonFault(empty[field], value)
    if (!fault) {
      message[field] = empty[field] === '0' ? String(value) : value
      continue
    }
    const shown = JSON.stringify(fault.value)
    const at = place(body, name, shown)
    if (fault.wanted === 'token') throw invalid(`proto: syntax error (${at}): unexpected token ${shown}`)
    if (fault.wanted === 'time') throw invalid(`proto: (${at}): invalid google.protobuf.Timestamp value ${shown}`)
    const what = namesFields ? `${fault.wanted} field ${name}` : `${fault.wanted} type`
    throw invalid(`proto: (${at}): invalid value for ${what}: ${shown}`)
  }
  return message
}

/** Line and column of a value behind the name of its field, as protojson counts them. */
function place(body: string, name: string, value: string): string {
  const key = new RegExp(`"${name}"\\s*:`).exec(body)
  const start = body.indexOf(value, key ? key.index + key[0].length : 0)
  const before = body.slice(0, Math.max(start, 0)).split('\n')
  return `line ${before.length}:${(before.at(-1) ?? '').length + 1}`
}

/** Go's words for text that is no JSON, as near as the position V8 gives allows. */
function syntaxFault(body: string, error: string): string {
  const position = Number(/position (\d+)/.exec(error)?.[1] ?? body.length)
  const character = body[position]
  return character === undefined || error.includes('Unexpected end')
    ? 'unexpected EOF'
    : `invalid character '${character}' looking for beginning of value`
}

interface JsonFault {
  /** What the value should have been; `token`: something that does not even start like it. */
  wanted: 'string' | 'uint64' | 'bool' | 'token' | 'time'
  value: unknown
}

/** What is wrong with a value for a field, of which the zero value tells the type; null when it fits. */
function jsonFault(zero: unknown, value: unknown): JsonFault | null {
  const unless = (fits: boolean, wanted: JsonFault['wanted']) => (fits ? null : {wanted, value})
  if (Array.isArray(zero)) {
    if (!Array.isArray(value)) return {wanted: 'token', value}
    const stranger = value.find((item) => typeof item !== 'string')
    return stranger === undefined ? null : {wanted: 'string', value: stranger}
  }
  if (zero === '0') return unless(/^\d+$/.test(String(value)) && BigInt(String(value)) < 1n << 64n, 'uint64')
  if (typeof zero === 'boolean') return unless(typeof value === 'boolean', 'bool')
  if (zero === '') return unless(typeof value === 'string', 'string')
  return typeof value === 'string' ? unless(isTime(value), 'time') : {wanted: 'token', value}
}
