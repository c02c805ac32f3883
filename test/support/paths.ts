/** Where the checkout is and what the build puts into it. Imported outside of tests too, so nothing of vitest here. */
import {join} from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** The executable, below ROOT. */
export const EXECUTABLE = `dist/bin/headscale-ts-linux-${process.arch}`
