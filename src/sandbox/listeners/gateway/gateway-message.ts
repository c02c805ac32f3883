/**
 * How path, query and body of a gateway request become its message, as grpc-gateway v2 and protojson do it.
 *
 * Unknown names are ignored, and names may be camelCase or snake_case. Types come from the empty message of the message
 * set, so that no second description of the messages exists.
 */
import type {Operation} from '../../../api/operations.ts'
import type {Message} from '../../releases/shared/release-simulator.ts'
import {invalidArgument} from '../../server-error.ts'
import {jsonFault} from '../http-common.ts'

export interface Input {
  query: URLSearchParams
  body: string
  /** Whether an error about a type names its field. */
  namesFields: boolean
  /** The values are in the body, although the table allows them in the query as well. */
  takesBody: boolean
}

/**
 * Fills the empty message of an operation.
 * @param empty every field with its zero value, which shows its type; null for a time
 * @throws ServerError with code 3 for a value of the wrong type
 */
export function fillMessage(
  empty: Message,
  {operation, path}: {operation: Operation; path: Record<string, string>},
  {query, body, namesFields, takesBody}: Input,
): Message {
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
    throw invalidArgument(
      `${context}: parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    )
  }
  return value
}

function unsigned(value: string, context: string, anyBase: boolean): string {
  const digits = anyBase ? /^(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i : /^\d+$/
  const fail = (why: string) =>
    invalidArgument(`${context}: strconv.ParseUint: parsing ${JSON.stringify(value)}: ${why}`)
  if (!digits.test(value)) throw fail('invalid syntax')
  const number = BigInt(value)
  if (number >= 1n << 64n) throw fail('value out of range')
  return String(number)
}

/** What Go's strconv.ParseBool takes. */
function truth(value: string, context: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false
  throw invalidArgument(`${context}: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value))
}

function fromBody(empty: Message, allowed: readonly string[], body: string, namesFields: boolean): Message {
  if (body.trim() === '') return {}
  const syntaxFault = jsonFault(body, 'unexpected EOF')
  if (syntaxFault !== null) throw invalidArgument(syntaxFault)
  const parsed: unknown = JSON.parse(body)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidArgument(
      `proto: syntax error (line 1:1): unexpected token ${Array.isArray(parsed) ? '[' : body.trim()}`,
    )
  }
  const message: Message = {}
  for (const [name, value] of Object.entries(parsed)) {
    const field = fieldNamed(empty, name, allowed)
    if (!field || value === null) continue
    const fault = typeFault(empty[field], value)
    if (!fault) {
      message[field] = empty[field] === '0' ? String(value) : value
      continue
    }
    const shown = JSON.stringify(fault.value)
    const at = place(body, name, shown)
    if (fault.wanted === 'token') throw invalidArgument(`proto: syntax error (${at}): unexpected token ${shown}`)
    if (fault.wanted === 'time')
      throw invalidArgument(`proto: (${at}): invalid google.protobuf.Timestamp value ${shown}`)
    const what = namesFields ? `${fault.wanted} field ${name}` : `${fault.wanted} type`
    throw invalidArgument(`proto: (${at}): invalid value for ${what}: ${shown}`)
  }
  return message
}

/** Line and column of a value after the name of its field, as protojson counts them. */
function place(body: string, name: string, value: string): string {
  const key = new RegExp(`"${name}"\\s*:`).exec(body)
  const start = body.indexOf(value, key ? key.index + key[0].length : 0)
  const before = body.slice(0, Math.max(start, 0)).split('\n')
  return `line ${before.length}:${(before.at(-1) ?? '').length + 1}`
}

interface TypeFault {
  /** The expected type; `token` for a value that does not even start like it. */
  wanted: 'string' | 'uint64' | 'bool' | 'token' | 'time'
  value: unknown
}

/** What is wrong with a value of a field, whose zero value shows the type; null if it is right. */
function typeFault(zero: unknown, value: unknown): TypeFault | null {
  const unless = (fits: boolean, wanted: TypeFault['wanted']) => (fits ? null : {wanted, value})
  if (Array.isArray(zero)) {
    if (!Array.isArray(value)) return {wanted: 'token', value}
    const invalid = value.find((item) => typeof item !== 'string')
    return invalid === undefined ? null : {wanted: 'string', value: invalid}
  }
  if (zero === '0') return unless(/^\d+$/.test(String(value)) && BigInt(String(value)) < 1n << 64n, 'uint64')
  if (typeof zero === 'boolean') return unless(typeof value === 'boolean', 'bool')
  if (zero === '') return unless(typeof value === 'string', 'string')
  return typeof value === 'string' ? unless(isTime(value), 'time') : {wanted: 'token', value}
}
