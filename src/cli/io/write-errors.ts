/** Why something cannot be written, in words. */

const WRITE_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  EBADF: 'it is closed',
  EIO: 'input/output error',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
}

export function writeFailure(error: unknown): string {
  const {code = '', message} = error as NodeJS.ErrnoException
  return WRITE_ERRORS[code] ?? message
}
