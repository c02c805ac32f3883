/** The times of a list in UTC, in local time, or as a distance from now; loaded only when a flag or a format asks for it. */
import {formatTime} from '../domain/values/time.ts'
import {tableTime, type TimeStyle, UNITS} from './time.ts'

/**
 * Formats the times of a list: `2022-03-20 09:08:58` (UTC), `2022-03-20 17:08:58 +08:00` (local), `3h ago`.
 * @param options.rfc3339 `2022-03-20T09:08:58Z` and `2022-03-20T17:08:58+08:00`
 * @param options.zoneOffset minutes of local time ahead of UTC, at that time
 */
export function timeFormatter({
  style,
  rfc3339,
  now,
  zoneOffset,
}: {
  style: TimeStyle
  rfc3339: boolean
  now: Date
  zoneOffset(time: Date): number
}): (time: Date) => string {
  switch (style) {
    case 'utc':
      return rfc3339 ? formatTime : tableTime
    case 'relative':
      return (time) => relativeTime(time, now)
    case 'local':
      return (time) => {
        const offset = zoneOffset(time)
        const text = tableTime(new Date(time.getTime() + offset * 60_000))
        return rfc3339 ? text.replace(' ', 'T') + offsetText(offset) : `${text} ${offsetText(offset)}`
      }
  }
}

/** `+08:00`, `-03:30` */
function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** `3h ago`, `in 4d`, `now`: the distance in its largest unit, rounded down. */
function relativeTime(time: Date, now: Date): string {
  const distance = Math.abs(time.getTime() - now.getTime())
  const found = DISTANCES.find(([, milliseconds]) => distance >= milliseconds)
  if (!found) return 'now'
  const [unit, size] = found
  const text = `${Math.floor(distance / (unit === 'y' ? size / 2 : size))}${unit}`
  return time > now ? `in ${text}` : `${text} ago`
}

/** Years begin at two, so that an expiry of 400 days is not "in 1y". */
const DISTANCES = [['y', 2 * 365 * 86_400_000], ...UNITS, ['s', 1000]] as const
