/** A text from a file, or from standard input for `-`. */
import {usageError} from '../../errors.ts'
import {decodeText, readSmallFile, readStdin} from '../../system/files.ts'
import {workingFolder} from '../../system/working-folder.ts'

/** Bytes; larger than any request headscale accepts (4 MiB over gRPC). */
const LIMIT = 4 * 1024 * 1024

/**
 * @param options.keepMark keeps a byte order mark at its start
 * @throws HeadscaleError (usage) for a file that is missing, not readable, too large or not UTF-8
 */
export async function readTextFile(path: string, {keepMark = false} = {}): Promise<string> {
  if (path === '-') {
    const bytes = await readStdin(LIMIT)
    if (bytes === null) throw tooLarge('standard input')
    const text = decodeText(bytes, {keepMark})
    if (text === null) throw usageError('cannot read standard input: it is not UTF-8 text', 'save it as UTF-8')
    return text
  }
  const read = readSmallFile(path, LIMIT, workingFolder(), {keepMark})
  if (read.kind === 'text') return read.text
  if (read.kind === 'too-large') throw tooLarge(path)
  const hint = read.kind === 'not-text' ? 'save it as UTF-8' : 'check the path, or use - to read standard input'
  throw usageError(`cannot read ${path}: ${read.reason}`, hint)
}

function tooLarge(name: string): Error {
  return usageError(`${name} is larger than 4 MiB`, 'headscale accepts no request that large')
}
