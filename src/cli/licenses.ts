/** License texts that scripts/build/licenses.ts collects. Not part of the sources: only a built program has them. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Set in the executable, which contains the text. */
declare const HEADSCALE_TS_LICENSES: string | undefined

/** One text for all packages. @throws Error (ENOENT) when run from the sources */
export function licenses(): string {
  if (typeof HEADSCALE_TS_LICENSES === 'string') return HEADSCALE_TS_LICENSES
  // Next to main.cjs: in the npm program this file is in dist/npm/chunks.
  return readFileSync(join(import.meta.dirname, '../licenses.txt'), 'utf8')
}
