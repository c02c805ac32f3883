/**
 * Durations in user input: `90d`, `1h30m`, `1.5h`, `500ms`.
 *
 * headscale accepted Go durations for `--expiration` in 0.15 and Prometheus durations since 0.16; its timeouts are Go
 * durations on every release. One grammar here accepts both: numbers with units, the largest unit first, each at most
 * once, decimals allowed. Units are those of Prometheus: a day is 24 hours, a year 365 days.
 *
 * A number without a unit is rejected here, except zero; a caller that gives it a meaning (seconds for a timeout)
 * handles it first.
 */
import {usageError} from '../../errors.ts'

/** Milliseconds in each unit, largest first: the order they must be written in. */
const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** The server counts nanoseconds in a signed 64-bit integer, which a longer duration would overflow. */
const LONGEST_MS = 9_223_372_036_854

const HINT = 'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)'

/**
 * Reads a duration.
 *
 * @param text such as `90d`, `1h30m`, `1.5h`, `500ms` or `0`; no white space, no sign
 * @returns whole milliseconds, rounded, never negative
 * @throws a usage error that quotes the text when it is invalid, negative or too long for the server
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0
  // A long text can be a secret that was passed by mistake.
  const shown = JSON.stringify(text.length > 30 ? `${text.slice(0, 10)}…` : text)
  if (/^-[\d.]/.test(text)) throw usageError(`invalid duration ${shown}: it is negative`, 'remove the sign')
  if (/^\d+(\.\d+)?$/.test(text)) {
    throw usageError(
      `invalid duration ${shown}: it has no unit`,
      'add one: 30s is seconds, 30m minutes, 30h hours, 30d days',
    )
  }

  const part = /(\d+(?:\.\d*)?|\.\d+)(ms|[ywdhms])/y
  let total = 0
  let next = 0
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    if (match === null) throw usageError(`invalid duration ${shown}`, HINT)
    const index = UNITS.findIndex(([unit]) => unit === match[2])
    if (index < next) {
      throw usageError(
        `invalid duration ${shown}: its units are out of order`,
        'write the largest unit first and each once, for example 1h30m',
      )
    }
    next = index + 1
    total += Number(match[1]) * UNITS[index]![1]
  }
  if (next === 0) throw usageError(`invalid duration ${shown}`, HINT)

  const rounded = Math.round(total)
  if (rounded > LONGEST_MS) throw usageError(`invalid duration ${shown}: it is too long`, 'the maximum is 292y')
  return rounded
}

/** A duration as parseDuration reads it: `1m30s`. */
export function formatDuration(milliseconds: number): string {
  let left = milliseconds
  let text = ''
  for (const [unit, size] of UNITS.slice(2)) {
    const count = Math.floor(left / size)
    if (count > 0) text += `${count}${unit}`
    left -= count * size
  }
  return text || '0s'
}

const LARGE_UNITS = [
  [24 * 3_600_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const

/** A duration for people, in its largest unit and rounded down: `120 days`, `5 hours`, `0 minutes`. */
export function roughDuration(milliseconds: number): string {
  const [size, word] = LARGE_UNITS.find(([unit]) => milliseconds >= unit) ?? LARGE_UNITS[2]
  const count = Math.floor(Math.max(0, milliseconds) / size)
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
