/** Formats times for tables and documents. */
import {formatTime} from '../domain/values/time.ts'

/** `2022-03-20 09:08:58` in UTC, as headscale's own tables; empty when there is none. */
export function tableTime(time: Date | null): string {
  return time === null ? '' : time.toISOString().slice(0, 19).replace('T', ' ')
}

/** How lists show times. */
export type TimeStyle = 'utc' | 'local' | 'relative'

/** `2022-03-20T09:08:58Z`, or null when there is none. */
export function documentTime(time: Date | null): string | null {
  return time === null ? null : formatTime(time)
}

/** Units of a distance in time, in milliseconds. */
export const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** The time left until a later time, in its largest unit, rounded down: `4d`, `23h`, `5m`; `<1m` for less. */
export function timeLeft(until: Date, now: Date): string {
  const left = until.getTime() - now.getTime()
  const [unit, size] = UNITS.find(([, milliseconds]) => left >= milliseconds) ?? [null, 1]
  return unit === null ? '<1m' : `${Math.floor(left / size)}${unit}`
}
