/**
 * Parses values that are text in every source: a boolean and a timeout.
 *
 * Errors name the source, since the same text can come from a flag, the environment or a file.
 */
import {parseDuration} from '../domain/values/duration.ts'
import {HeadscaleError, usageError} from '../errors.ts'

/** How long a request may take by default. */
export const DEFAULT_TIMEOUT_MS = 30_000

/** Timers count milliseconds in 31 bits; a longer one fires at once. */
const LONGEST_TIMEOUT_MS = 2_147_483_647

/** What Go's strconv.ParseBool accepts, which headscale reads its booleans with. */
const BOOLEANS = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
])

/** True or false as Go spells them; null for any other text. */
export function parseBoolean(text: string): boolean | null {
  return BOOLEANS.get(text) ?? null
}

/**
 * A timeout in milliseconds. A number without a unit is seconds. headscale's own command line reads it as nanoseconds,
 * so that `HEADSCALE_CLI_TIMEOUT=5` fails at once on every release.
 *
 * @param source where the text comes from; null leaves it out of the error, for a caller that adds it
 */
export function parseTimeout(text: string, source: string | null): number {
  const shown = source === null ? '' : `${source}: `
  let ms: number
  try {
    ms = parseDuration(/^(\d+(\.\d*)?|\.\d+)$/.test(text) ? `${text}s` : text)
  } catch (error) {
    if (error instanceof HeadscaleError) throw usageError(shown + error.message, error.hint ?? undefined)
    throw error
  }
  if (ms === 0) throw usageError(`${shown}the timeout must be more than 0`, 'the default is 30s')
  if (ms > LONGEST_TIMEOUT_MS) throw usageError(`${shown}the timeout is too long`, 'the maximum is 24d')
  return ms
}
