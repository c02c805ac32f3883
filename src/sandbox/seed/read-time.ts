import {usageError} from '../../errors.ts'

/**
 * A time in a seed.
 * @throws HeadscaleError for a text that is not a time
 */
export function readTime(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) {
    throw usageError(`invalid seed: invalid time ${JSON.stringify(text)}`, 'write it as 2022-03-20T09:08:58Z')
  }
  return date
}
