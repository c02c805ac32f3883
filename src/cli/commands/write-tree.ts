/** Writes files below a folder: says what is written, and shows the difference and asks before it replaces a file. */
import {planFiles} from '../../setup/planned-files.ts'
import type {NewFile} from '../../setup/planned-files.ts'
import type {Io} from '../io/io.ts'
import {confirm} from './confirm.ts'

/** @throws HeadscaleError (needs-confirmation), or what writing throws; earlier files are written then */
export async function writeTree(
  files: readonly NewFile[],
  folder: string,
  io: Io,
  {force, dryRun}: {force: boolean; dryRun: boolean},
): Promise<void> {
  for (const file of planFiles(files, folder, io.cwd)) {
    if (file.state === 'same') io.notice(`unchanged: ${file.name}`)
    else if (dryRun)
      io.notice(file.state === 'new' ? `would write ${file.name}` : `${file.diff}would replace ${file.name}`)
    else {
      if (file.state === 'changed') {
        io.notice(file.diff.trimEnd())
        if (!force) await confirm(io, `Replace ${file.name}?`)
      }
      await file.write()
      io.notice(`wrote ${file.name}`)
    }
  }
}
