/**
 * Replaces the content of a file atomically: a reader finds the old content or the new one, never a part. The new content is
 * written to a temporary file in the same folder, which is then renamed.
 */
import {randomBytes} from 'node:crypto'
import {chmod, chown, open, readFile, realpath, rename, rm, stat} from 'node:fs/promises'
import {HeadscaleError} from '../errors.ts'

const MODE = 0o644

/**
 * Writes the file if its content is another one. Its owner and mode stay; a new file has mode 0644. A symbolic link stays,
 * and the file that it leads to is replaced.
 *
 * @param path absolute
 * @param options.mode of the file, whether it is new or not
 * @param options.newMode of a new file
 * @param options.always write it even if its content stays the same, so that its time is new
 * @returns whether it was written
 * @throws an error of node:fs; EINVAL for what is not a regular file
 */
export async function replaceFile(
  path: string,
  text: string,
  {always = false, mode, newMode = MODE}: {always?: boolean; mode?: number; newMode?: number} = {},
): Promise<boolean> {
  const target = await realpath(path).catch(ifMissing(path))
  const old = await stat(target).catch(ifMissing(null))
  if (old && !old.isFile()) throw Object.assign(new Error('it is not a regular file'), {code: 'EINVAL'})
  if (old && !always && (await readFile(target)).equals(Buffer.from(text))) return false
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    if (old) await chown(temporary, old.uid, old.gid)
    // Not by the mode of open, which the umask changes.
    await chmod(temporary, mode ?? (old ? old.mode & 0o777 : newMode))
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, {force: true}).catch(() => {})
    throw error
  }
  return true
}

/**
 * `replaceFile` for a file that the user named. At once, so that headscale never reads a partial file.
 *
 * @param name as in messages
 * @param newMode of the file if it is new
 * @throws HeadscaleError `permission-denied`
 */
export async function rewriteFile(name: string, path: string, text: string, newMode = MODE): Promise<void> {
  try {
    await replaceFile(path, text, {newMode})
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new HeadscaleError('permission-denied', `cannot write ${name}: ${reason}`, {
      hint: "run as the file's owner or as root",
      cause,
    })
  }
}

/** What a missing file means; other errors stay errors. */
function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value
    throw error
  }
}
