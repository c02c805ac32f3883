/**
 * JSON bodies as the 0.30 tree accepts them: required by calls with fields, with known properties only, each of its
 * type, ids as strings. The errors are those of huma (v2.38.0 huma.go and validate.go), as in the recorded exchanges.
 */
import type {Message} from '../../releases/shared/release-simulator.ts'
import {Problem, type Reason} from '../../releases/v0_30/problem.ts'
import {jsonFault} from '../http-common.ts'

/** Bodies must be smaller than this, in bytes. */
export const MAX_BODY = 1024 * 1024

/**
 * Reads a body into fields.
 * @param empty the fields with their zero values, which show the type of each; null for a time
 * @param optional whether the body may be missing
 * @throws Problem
 */
export function readFields(empty: Message, body: string, contentType: string | undefined, optional = false): Message {
  if (body.trim() === '') {
    if (optional) return {}
    throw new Problem(400, 'request body is required')
  }
  const failed = (status: number, ...reasons: Reason[]) => new Problem(status, 'validation failed', ...reasons)
  const type = contentType?.split(';')[0]?.trim()
  if (type && !/^application\/(.*\+)?json$/.test(type)) {
    throw failed(415, {message: `unknown content type: ${contentType}`, location: 'body', value: body})
  }
  const syntaxFault = jsonFault(body, 'unexpected end of JSON input')
  if (syntaxFault !== null) throw failed(400, {message: syntaxFault, location: 'body', value: body})
  const value: unknown = JSON.parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failed(422, {message: 'expected object', location: 'body', value})
  }
  const fields: Message = {}
  const reasons: Reason[] = []
  const unexpected: Reason[] = []
  for (const [name, given] of Object.entries(value)) {
    const field = Object.keys(empty).find((known) => known.toLowerCase() === name.toLowerCase())
    if (field === undefined) {
      unexpected.push({message: 'unexpected property', location: `body.${name}`, value: sorted(value as Message)})
    } else {
      reasons.push(...faults(empty[field], given, `body.${name}`))
      fields[field] = given
    }
  }
  if (reasons.length + unexpected.length > 0) throw failed(422, ...reasons, ...unexpected)
  return fields
}

/** What is wrong with a value of a field, whose zero value shows the type. */
function faults(zero: unknown, value: unknown, location: string): Reason[] {
  const unless = (fits: boolean, message: string): Reason[] => (fits ? [] : [{message, location, value}])
  if (Array.isArray(zero)) {
    if (!Array.isArray(value)) return unless(false, 'expected array')
    return value.flatMap((item, index) => faults('', item, `${location}[${index}]`))
  }
  if (typeof zero === 'boolean') return unless(typeof value === 'boolean', 'expected boolean')
  if (typeof zero === 'object' && zero !== null) return unless(typeof value === 'object', 'expected object')
  if (typeof value !== 'string') return unless(false, 'expected string')
  return unless(zero !== null || !Number.isNaN(Date.parse(value)), 'expected string to be RFC 3339 date-time')
}

/** Go writes maps in the order of their keys. */
function sorted(value: Message): Message {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * An id in a text.
 * @param context what the error says about it
 */
export function readId(text: string, context: string): string {
  const fault = idFault(text)
  if (fault) throw new Problem(400, context, {message: fault})
  return String(BigInt(text))
}

/** Why a text is not an id, as Go's strconv says it, or null. */
export function idFault(text: string): string | null {
  const fault = (why: string) => `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
  if (!/^\d+$/.test(text)) return fault('invalid syntax')
  return BigInt(text) < 1n << 64n ? null : fault('value out of range')
}
