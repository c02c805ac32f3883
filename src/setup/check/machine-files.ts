/** What `setup check` asks of the files of this machine. Failures are answers: a check never stops at a file. */
import {lstatSync, readFileSync, statSync} from 'node:fs'
import {MAX_BYTES} from '../../derp/read/read.ts'

export interface FileInfo {
  kind: 'file' | 'folder' | 'other'
  /** Permission bits. */
  mode: number
  uid: number
}

export interface MachineFiles {
  /** Null if there is no such file, or nothing can be learned about it. */
  info(path: string): FileInfo | null
  /** Null if it cannot be read; at most 1 MiB. */
  read(path: string): string | null
}

export const machineFiles: MachineFiles = {
  info(path) {
    try {
      const stat = statSync(path)
      const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
      return {kind, mode: stat.mode & 0o777, uid: stat.uid}
    } catch {
      return null
    }
  },
  read(path) {
    try {
      const stat = statSync(path)
      return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(path, 'utf8') : null
    } catch {
      return null
    }
  },
}

/** Whether there is certainly nothing at the path, rather than something that this user may not see. */
export function isMissing(path: string): boolean {
  try {
    lstatSync(path)
    return false
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}
