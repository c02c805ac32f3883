/** Files that a command writes below a folder, compared with what is there. */
import {existsSync, readFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {HeadscaleError} from '../errors.ts'
import {rewriteFile} from '../system/replace-file.ts'
import {unifiedDiff} from '../text/line-diff.ts'

export interface NewFile {
  /** Below the folder. */
  path: string
  text: string
  /** Of a new file; 0644 without it. */
  mode?: number
}

/** A file of the tree as it would be written. */
export interface PlannedFile {
  /** As in messages. */
  name: string
  state: 'new' | 'changed' | 'same'
  /** Of a file that is there. */
  diff: string
  write(): Promise<void>
}

/** Compares rendered files with those below a folder. */
export function planFiles(files: readonly NewFile[], folder: string, cwd: string): PlannedFile[] {
  return files.map(({path, text, mode}) => {
    const name = join(folder, path)
    const target = resolve(cwd, folder, path)
    const old = existsSync(target) ? readText(target, name) : null
    return {
      name,
      state: old === null ? 'new' : old === text ? 'same' : 'changed',
      diff: old === null ? '' : unifiedDiff(old, text, name),
      async write() {
        await makeFolder(dirname(target), name)
        await rewriteFile(name, target, text, mode)
      },
    }
  })
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new HeadscaleError('permission-denied', `cannot read ${name}: ${reason}`, {cause})
  }
}

async function makeFolder(folder: string, name: string): Promise<void> {
  try {
    await mkdir(folder, {recursive: true})
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new HeadscaleError('permission-denied', `cannot write ${name}: ${reason}`, {cause})
  }
}
