/** What a change does to the names that completion keeps (cache.ts): apart from them, since every change loads it. */
import {readdirSync, unlinkSync} from 'node:fs'
import {join} from 'node:path'
import type {CacheHost} from '../../../api/detection/cache.ts'
import {existingPrivateFolder} from '../../../system/private-folder.ts'

/** Their folder, as system/private-folder.ts knows it. */
export const FOLDER = 'names'

/** Names of kept files, and of temporary files of an interrupted run. */
export const OWN_NAME = /^[0-9a-f]{64}(?:\.asked)?(?:\.draft-[\w-]+)?$/

/** The next TAB asks the server. Without completion there is no folder, and none is created. A failure is not an error, since names are kept for some seconds only. */
export function forgetNames(host: CacheHost): void {
  const folder = existingPrivateFolder(FOLDER, host)
  try {
    for (const name of folder ? readdirSync(folder) : []) if (OWN_NAME.test(name)) unlinkSync(join(folder!, name))
  } catch {
    // Removed by somebody else meanwhile.
  }
}
