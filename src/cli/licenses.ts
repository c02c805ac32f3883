/** The license texts that scripts/build/licenses.ts collects. Not part of the sources: only a built program has them. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** The executable has the text in itself. */
declare const HEADSCALE_TS_LICENSES: string | undefined

/** One text for all packages. @throws Error (ENOENT) when run from the sources */
export function licenses(): string {
  if (typeof HEADSCALE_TS_LICENSES === 'string') return HEADSCALE_TS_LICENSES
  // Beside main.cjs; this file is in dist/npm/chunks then.
  return readFileSync(join(import.meta.dirname, '../licenses.txt'), 'utf8')
}
