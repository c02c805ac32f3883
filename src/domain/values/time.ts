/** Times in arguments and in printed documents. */
import {usageError} from '../../errors.ts'

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** @throws HeadscaleError (usage) for anything but a complete, existing RFC 3339 time after year 1 */
export function parseTime(text: string): Date {
  const time = RFC_3339.test(text) ? new Date(text.replace(' ', 'T')) : null
  const [day] = text.split(/[Tt ]/)
  // JavaScript turns the 31st of February into a day in March.
  if (!time || Number.isNaN(time.getTime()) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    throw usageError(`invalid time ${JSON.stringify(text)}`, 'for example: 2027-01-31T12:00:00Z')
  }
  // Go's zero time is in year 1, and headscale reads it as "not set": as an expiry it would mean never.
  if (time.getUTCFullYear() <= 1) {
    throw usageError(`invalid time ${JSON.stringify(text)}: headscale reads year 1 as "not set"`, 'use a later time')
  }
  return time
}

/** `2022-03-20T09:08:58Z`: whole seconds, the only form that jq's fromdate can read. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
