/**
 * How Go decodes a scalar into a typed field: go-yaml (v2 and v3 differ in one case) and encoding/json.
 *
 * YAML 1.1 as go-yaml has it, which no JavaScript library follows: `0443` is octal, `9_00` and `0x384` are 900, 443.7
 * becomes 443 in an integer field, `yes` is true in a boolean one, and a quoted number is an error. Observed with
 * go-yaml 2.4.0 and 3.0.1 and Go 1.26. The functions return the value, or why there is none; they never throw.
 * Untyped values, as viper has them, follow other rules (viper.ts).
 */
import type {Format, Tree} from './tree.ts'

/** The result: a value, a value that is not what it looks like, or a rejection. */
export type Outcome<T> = {value: T; coercion: Coercion | null} | {value: null; rejected: Rejection}

/** Why the value is not what it looks like. */
export type Coercion = 'octal' | 'leading-zero' | 'truncated' | 'odd-key'

/** Why Go rejects the value. */
export type Rejection = 'quoted' | 'type' | 'range'

const YAML_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const YAML_INT = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
export const YAML_TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
export const YAML_FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
const YAML_NULL = new Set(['', '~', 'null', 'Null', 'NULL'])
const INT64_MAX = 2n ** 63n - 1n
/** Longer than any 64-bit number in any base; a BigInt of a million digits takes seconds. */
const MAX_DIGITS = 70

const accepted = <T>(value: T, coercion: Coercion | null = null): Outcome<T> => ({value, coercion})
const rejected = <T>(reason: Rejection): Outcome<T> => ({value: null, rejected: reason})

/** Whether Go reads nil: a null, a missing value, or plain `~` and the like. */
export function isNull(tree: Tree): boolean {
  return tree.kind === 'null' || (tree.kind === 'scalar' && tree.style === 'plain' && YAML_NULL.has(tree.text))
}

/** An integer field. Null counts as 0, as for Go. */
export function goInt(tree: Tree, format: Format): Outcome<number> {
  if (isNull(tree)) return accepted(0)
  if (tree.kind !== 'scalar') return rejected('type')
  if (tree.style === 'quoted') return rejected(isNumberLike(tree.text) ? 'quoted' : 'type')
  if (format === 'json') {
    if (tree.style !== 'number' || !/^-?[0-9]+$/.test(tree.text)) return rejected('type')
    if (tree.text.length > MAX_DIGITS) return rejected('range')
    return inRange(BigInt(tree.text))
  }
  const text = digitsOf(tree.text)
  const match = YAML_INT.exec(text)
  if (match !== null && text.length > MAX_DIGITS) return rejected('range')
  if (match !== null) {
    const [, sign, hex, binary, octal, decimal] = match
    const digits = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? '0')
    const number = inRange(sign === '-' ? -BigInt(digits) : BigInt(digits))
    const looksDecimal = octal !== undefined && /^[-+]?0[0-9]/.test(text) && Number(octal) > 7
    return looksDecimal && number.value !== null ? accepted(number.value, 'octal') : number
  }
  if (!YAML_FLOAT.test(text)) return rejected('type')
  const float = Number(text)
  if (Math.abs(float) > Number(INT64_MAX)) return rejected('range')
  if (!Number.isInteger(float)) return accepted(Math.trunc(float), 'truncated')
  return accepted(float, /^[-+]?0[0-9]+$/.test(text) ? 'leading-zero' : null)
}

/** An integer key of a map: in YAML a plain integer, in JSON a string that holds one. */
export function goKey(tree: Tree, format: Format): Outcome<number> {
  if (format === 'yaml') return isNull(tree) ? rejected('type') : goInt(tree, format)
  if (tree.kind !== 'scalar' || !/^[-+]?[0-9]+$/.test(tree.text)) return rejected('type')
  if (tree.text.length > MAX_DIGITS) return rejected('range')
  const number = inRange(BigInt(tree.text.replace(/^\+/, '')))
  if (number.value === null) return number
  return accepted(number.value, String(number.value) === tree.text ? null : 'odd-key')
}

/** A floating-point field. */
export function goFloat(tree: Tree, format: Format): Outcome<number> {
  if (isNull(tree)) return accepted(0)
  if (tree.kind !== 'scalar') return rejected('type')
  if (tree.style === 'quoted') return rejected(isNumberLike(tree.text) ? 'quoted' : 'type')
  if (tree.style === 'number') return accepted(Number(tree.text))
  const text = digitsOf(tree.text)
  if (!YAML_FLOAT.test(text) || /^[-+]?0[0-7]/.test(text)) return goInt(tree, format)
  return Number.isFinite(Number(text)) ? accepted(Number(text)) : rejected('range')
}

/** A boolean field. go-yaml v3 accepts a quoted `yes` or `off`, though not a quoted `true`. */
export function goBool(tree: Tree, quotedWords = false): Outcome<boolean> {
  if (isNull(tree)) return accepted(false)
  if (tree.kind !== 'scalar') return rejected('type')
  if (tree.style === 'quoted' && (!quotedWords || /^(?:true|false)$/i.test(tree.text))) {
    return rejected(YAML_TRUE.has(tree.text) || YAML_FALSE.has(tree.text) ? 'quoted' : 'type')
  }
  if (tree.style === 'bool') return accepted(tree.text === 'true')
  if (tree.style !== 'number' && YAML_TRUE.has(tree.text)) return accepted(true)
  if (tree.style !== 'number' && YAML_FALSE.has(tree.text)) return accepted(false)
  return rejected('type')
}

/** A string field. Any plain YAML scalar is kept as text; JSON needs a string. */
export function goString(tree: Tree): Outcome<string> {
  if (isNull(tree)) return accepted('')
  if (tree.kind !== 'scalar') return rejected('type')
  return tree.style === 'plain' || tree.style === 'quoted' ? accepted(tree.text) : rejected('type')
}

/** Without the underscores that go-yaml allows between digits; a text that starts with one is not a number. */
function digitsOf(text: string): string {
  return text.startsWith('_') ? text : text.replaceAll('_', '')
}

/** Whether the quotes are the only problem. */
function isNumberLike(text: string): boolean {
  return /^[-+]?[0-9]+(?:\.[0-9]+)?$/.test(text)
}

function inRange(value: bigint): Outcome<number> {
  if (value > INT64_MAX || value < -INT64_MAX - 1n) return rejected('range')
  return accepted(Number(value))
}
