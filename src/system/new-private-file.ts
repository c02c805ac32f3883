/**
 * A new file for a secret, mode 0600. It is created before the secret is made, so that a wrong path or a missing permission
 * is noticed while nothing is lost. An existing file is never opened, and neither is what a symbolic link points to.
 */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {dirname} from 'node:path'

export interface NewPrivateFile {
  /** Writes the text, to the disk too, and closes the file. @throws an error of the file system; the file is then removed */
  write(text: string): void
  /** Removes the file, which is still empty. */
  discard(): void
}

/** What creating the file would find out. Nothing is created. @throws an error of the file system, EEXIST among them */
export function checkNewFile(path: string): void {
  if (lstatSync(path, {throwIfNoEntry: false})) throw Object.assign(new Error('file exists'), {code: 'EEXIST'})
  accessSync(dirname(path), constants.W_OK | constants.X_OK)
}

/** @param path absolute @throws an error of the file system, EEXIST among them */
export function createPrivateFile(path: string): NewPrivateFile {
  // O_EXCL does not follow a symbolic link either.
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  const {dev, ino} = fstatSync(fd)
  let open = true
  const close = () => {
    if (open) closeSync(fd)
    open = false
  }
  const discard = () => {
    close()
    const found = lstatSync(path, {throwIfNoEntry: false})
    // Somebody else may have put another file there.
    if (found?.dev === dev && found.ino === ino) unlinkSync(path)
  }
  return {
    discard,
    write(text) {
      try {
        fchmodSync(fd, 0o600)
        writeFileSync(fd, text)
        fsyncSync(fd)
        close()
      } catch (error) {
        discard()
        throw error
      }
    },
  }
}
