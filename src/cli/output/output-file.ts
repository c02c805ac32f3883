/** `--output-file`: a result that another program reads from a file. */
import {resolve} from 'node:path'
import {HeadscaleError, usageError} from '../../errors.ts'
import {replaceFile} from '../../system/replace-file.ts'
import {textFlag} from '../flags.ts'

export const outputFileFlag = (description: string) => textFlag({description, helpValue: 'FILE'})

export interface WrittenFile {
  /** As given. */
  file: string
  changed: boolean
}

/**
 * @param options as replaceFile
 * @param options.what what names the file in messages, if it is not `--output-file`
 * @throws HeadscaleError (usage, permission-denied, failed)
 */
export async function writeOutputFile(
  file: string,
  text: string,
  cwd: string,
  {what = '--output-file', ...options}: {always?: boolean; mode?: number; what?: string} = {},
): Promise<WrittenFile> {
  const path = resolve(cwd, file)
  // A link such as /dev/stdout can lead to a regular file, which must not be replaced.
  if (file === '-' || /^\/(?:dev|proc)\//.test(path)) {
    throw usageError(`${what} cannot be ${file}`, 'leave it out to print to standard output')
  }
  try {
    return {file, changed: await replaceFile(path, text, options)}
  } catch (cause) {
    throw fileError(file, what, cause as NodeJS.ErrnoException)
  }
}

function fileError(file: string, what: string, cause: NodeJS.ErrnoException): HeadscaleError {
  const message = (reason: string) => `cannot write ${file}: ${reason}`
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return usageError(message('its folder does not exist'), 'create the folder, or choose another path')
    case 'EINVAL':
      return usageError(message(cause.message), `leave out ${what} to print to standard output`)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new HeadscaleError('permission-denied', message('permission denied'), {
        hint: 'the folder must be writable too; run as its owner or as root',
        cause,
      })
    case 'EBUSY':
      return new HeadscaleError('failed', message('it is a mount point'), {
        hint: 'mount the folder of the file in the container, not the file itself',
        cause,
      })
    default:
      return new HeadscaleError('failed', message(cause.code ?? cause.message), {cause})
  }
}

/** `wrote FILE`, or that nothing had to be written. @param content such as `12 records` */
export function writtenText({file, changed}: WrittenFile, content: string): string {
  return changed ? `wrote ${file}: ${content}\n` : `unchanged: ${file}, ${content}\n`
}
