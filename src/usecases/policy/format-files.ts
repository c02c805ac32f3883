/** `policy fmt`: formats policy files. All are read and formatted before the first is written. */
import {resolve} from 'node:path'
import {HeadscaleError} from '../../errors.ts'
import {formatPolicy} from '../../policy/format/format.ts'
import {replaceFile} from '../../system/replace-file.ts'

export interface FormattedFile {
  /** As named on the command line; `<stdin>` for `-`. */
  file: string
  /** Formatted. */
  text: string
  /** Whether the file had another text. */
  changed: boolean
}

/**
 * @param options.read the text of a file, or of standard input for `-`
 * @throws SyntaxProblem for a text that is not HuJSON; HeadscaleError for a file that cannot be read or written
 */
export async function formatFiles(
  names: readonly string[],
  {read, write, cwd}: {read: (name: string) => Promise<string>; write: boolean; cwd: string},
): Promise<FormattedFile[]> {
  const files: FormattedFile[] = []
  for (const name of names) {
    const source = await read(name)
    const file = name === '-' ? '<stdin>' : name
    const text = formatPolicy(source, file)
    files.push({file, text, changed: text !== source})
  }
  if (write) for (const {file, text, changed} of files) if (changed) await rewrite(file, resolve(cwd, file), text)
  return files
}

async function rewrite(file: string, path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text)
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException
    const reason = code === 'EINVAL' ? message : (code ?? String(cause))
    throw new HeadscaleError('permission-denied', `cannot write ${file}: ${reason}`, {
      hint: "run as the file's owner or as root; the folder must be writable too",
      cause,
    })
  }
}
