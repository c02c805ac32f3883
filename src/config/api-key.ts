/**
 * The API key: read from a variable, a file or standard input, and checked before it can become a header.
 *
 * No message contains the key or a part of it: errors describe the text and do not quote it, and their cause does not
 * contain it.
 */
import {secretKind, withArticle} from '../domain/values/secret-kind.ts'
import {type HeadscaleError, usageError} from '../errors.ts'
import {decodeText, readSmallFile, readStdin, sizeText} from '../system/files.ts'
import {fileError, readableByOthers} from './named-file.ts'

/** Many times the longest key of any release; a larger file is a mistake. */
const KEY_FILE_LIMIT = 16_384

const HINT = 'give only the key, as "headscale apikeys create" prints it'

/**
 * Checks that a key can be sent. White space around it is dropped: files and mounted secrets end in a line break.
 *
 * @param source where the key came from, for messages
 */
export function checkApiKey(text: string, source: string): string {
  const key = text.trim()
  const invalid = (reason: string, hint = HINT): HeadscaleError =>
    usageError(`invalid API key from ${source}: ${reason}`, hint)
  if (key === '') throw invalid('it is empty')
  if (/^(["']).*\1$|^["']|["']$/s.test(key)) {
    throw invalid('it is in quotes', 'remove the quotes; docker keeps those in an --env-file as part of the value')
  }
  if (/^bearer\s/i.test(key)) throw invalid('it starts with "Bearer"', 'remove that word; it is added when sending')
  if (/[\r\n]/.test(key)) throw invalid('it contains a line break')
  if (/\p{Cc}/u.test(key)) throw invalid('it contains a control character')
  if (/\s/.test(key)) throw invalid('it contains white space')
  if (/[^\x21-\x7e]/.test(key)) throw invalid('it contains a character that is not ASCII')
  const kind = secretKind(key)
  if (kind !== null && kind !== 'API key') {
    throw invalid(`it is ${withArticle(kind)}`, 'create an API key on the server: headscale apikeys create')
  }
  return key
}

/**
 * Reads the key from a file.
 *
 * @param source the flag or variable that names the file
 * @returns the key, and a warning when other users of the machine can read the file
 */
export function readApiKeyFile(path: string, source: string, cwd: string): {key: string; warning: string | null} {
  const read = readSmallFile(path, KEY_FILE_LIMIT, cwd)
  if (read.kind !== 'text') {
    throw fileError({what: 'API key file', path, source, read, hint: 'name a file that contains only the key'})
  }
  const key = checkApiKey(read.text, read.path)
  return {key, warning: readableByOthers('API key file', read)}
}

/** Reads the key from standard input. */
export async function readApiKeyFromStdin(): Promise<string> {
  const bytes = await readStdin(KEY_FILE_LIMIT)
  if (bytes === null) {
    throw usageError(`standard input is larger than ${sizeText(KEY_FILE_LIMIT)} (--api-key-file -)`, HINT)
  }
  const text = decodeText(bytes)
  if (text === null) throw usageError('standard input is not UTF-8 text (--api-key-file -)', HINT)
  return checkApiKey(text, 'standard input')
}
