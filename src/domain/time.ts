/** Points in time as people type them. */
import {usageError} from '../errors.ts'

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** @throws HeadscaleError (usage) for anything but a complete RFC 3339 time that exists */
export function parseTime(text: string): Date {
  const time = RFC_3339.test(text) ? new Date(text.replace(' ', 'T')) : null
  const [day] = text.split(/[Tt ]/)
  // JavaScript turns the 31st of February into a day in March.
  if (!time || Number.isNaN(time.getTime()) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    throw usageError(`${JSON.stringify(text)} is no time`, 'write it as 2027-01-31T12:00:00Z')
  }
  return time
}
