/** Points in time as arguments and in documents. */
import {usageError} from '../errors.ts'

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** @throws HeadscaleError (usage) for anything but a complete RFC 3339 time that exists, after year 1 */
export function parseTime(text: string): Date {
  const time = RFC_3339.test(text) ? new Date(text.replace(' ', 'T')) : null
  const [day] = text.split(/[Tt ]/)
  // JavaScript turns the 31st of February into a day in March.
  if (!time || Number.isNaN(time.getTime()) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    throw usageError(`invalid time ${JSON.stringify(text)}`, 'for example: 2027-01-31T12:00:00Z')
  }
  // Go's zero time lies in year 1 and means "not set" to headscale: as an expiry it would mean never.
  if (time.getUTCFullYear() <= 1) {
    throw usageError(`invalid time ${JSON.stringify(text)}: headscale takes year 1 for "not set"`, 'use a later time')
  }
  return time
}

/** `2022-03-20T09:08:58Z`: whole seconds, which jq's fromdate reads. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
