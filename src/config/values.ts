/**
 * The single values of the configuration that are text wherever they come from: a switch and a time-out.
 *
 * Both say in their errors where the text stood, since the same word can come from a flag, the environment or a file.
 */
import {parseDuration} from '../domain/duration.ts'
import {HeadscaleError, usageError} from '../errors.ts'

/** What a call may take when nobody says otherwise. */
export const DEFAULT_TIMEOUT_MS = 30_000

/** Timers count milliseconds in 31 bits and fire at once above it. */
const LONGEST_TIMEOUT_MS = 2_147_483_647

/** The words Go's strconv.ParseBool takes, which is what headscale reads its switches with. */
const SWITCH = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
])

/** True or false in Go's spellings; null for any other text. */
export function parseSwitch(text: string): boolean | null {
  return SWITCH.get(text) ?? null
}

/**
 * A time-out in milliseconds. A bare number is seconds; headscale's own programs take it for nanoseconds, which
 * nobody can mean (`HEADSCALE_CLI_TIMEOUT=5` fails at once on every release).
 *
 * @param source where the text stood; null leaves it out of the error, for a caller that says it otherwise
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
  if (ms === 0) throw usageError(`${shown}a time-out of zero leaves no time for an answer`, 'the default is 30s')
  if (ms > LONGEST_TIMEOUT_MS) throw usageError(`${shown}the time-out is too long`, 'the longest is 24d')
  return ms
}
