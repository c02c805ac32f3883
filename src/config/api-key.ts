/**
 * The API key: read from a file or standard input, and checked before it can become a header.
 *
 * The one rule of this file: no message ever holds the key or a part of it. So the text is described, never quoted,
 * and nothing that was read goes into an error's cause.
 */
import {resolve} from 'node:path'
import {usageError} from '../errors.ts'
import {decodeText, readSmallFile, sizeText} from './read-file.ts'

/** Many times the longest key of any release; a file above it was named by mistake. */
const KEY_FILE_LIMIT = 16_384

const HINT = 'give the key alone, as "apikeys create" printed it'

/**
 * The key as it can be sent.
 *
 * @param source what the key came from, for messages
 */
export function checkApiKey(key: string, source: string): string {
  const refuse = (what: string, hint = HINT) => usageError(`the API key from ${source} ${what}`, hint)
  if (key === '') throw refuse('is empty')
  if (/^bearer\s/i.test(key)) throw refuse('starts with "Bearer"', 'leave that word out: it is added when sending')
  if (/[\r\n]/.test(key)) throw refuse('contains a line break')
  if (/\p{Cc}/u.test(key)) throw refuse('contains a control character')
  if (/\s/.test(key)) throw refuse('contains white space')
  if (/[^\x21-\x7e]/.test(key)) throw refuse('contains a character that is not ASCII')
  return key
}

/**
 * Reads the key from a file, or from standard input for `-`. White space around it is dropped: files end in a line
 * break.
 *
 * @returns the key, and a warning when other users of the machine can read the file
 */
export async function readApiKeyFile(path: string, cwd: string): Promise<{key: string; warning: string | null}> {
  if (path === '-') return {key: checkApiKey((await readStdin()).trim(), 'standard input'), warning: null}
  const full = resolve(cwd, path)
  const read = readSmallFile(full, KEY_FILE_LIMIT)
  if (read.kind !== 'text') {
    throw usageError(
      `cannot read the key file ${full} (--api-key-file): ${read.words}`,
      'name a file that holds the key alone',
    )
  }
  const key = checkApiKey(read.text.trim(), full)
  // Windows keeps no such bits; Node makes them up there.
  const open = read.mode !== null && (read.mode & 0o044) !== 0 && process.platform !== 'win32'
  if (!open) return {key, warning: null}
  const mode = read.mode!.toString(8).padStart(4, '0')
  return {key, warning: `the key file ${full} can be read by other users (mode ${mode}): chmod 600 keeps it yours`}
}

/** Through the stream and not by reading descriptor 0: that one may be non-blocking, and reading it would fail. */
async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    total += (chunk as Buffer).length
    if (total > KEY_FILE_LIMIT) {
      throw usageError(`standard input is larger than ${sizeText(KEY_FILE_LIMIT)} (--api-key-file -)`, HINT)
    }
  }
  const text = decodeText(Buffer.concat(chunks))
  if (text === null) throw usageError('standard input is not UTF-8 text (--api-key-file -)', HINT)
  return text
}
