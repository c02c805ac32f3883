/** A text from a file, or from stdin where `-` was given. */
import {readFile} from 'node:fs/promises'
import {usageError} from '../../errors.ts'

const LARGEST = 4 * 1024 * 1024

/** @throws HeadscaleError (usage) for a file that is not there, not readable, too large or not UTF-8 */
export async function readTextFile(path: string): Promise<string> {
  const bytes =
    path === '-'
      ? await readStdin()
      : await readFile(path).catch((error: NodeJS.ErrnoException) => {
          const why = {ENOENT: 'it does not exist', EACCES: 'permission denied', EISDIR: 'it is a folder'}[
            error.code ?? ''
          ]
          throw usageError(`cannot read ${path}: ${why ?? error.code}`, 'check the path, or give - to read from stdin')
        })
  if (bytes.length > LARGEST) throw usageError(`${path} is larger than 4 MiB`, 'headscale takes no request that large')
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch {
    throw usageError(`${path} is not UTF-8 text`)
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > LARGEST) break
  }
  return Buffer.concat(chunks)
}
