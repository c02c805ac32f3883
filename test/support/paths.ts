/** Paths of the checkout and of built files. Also imported outside of tests, so it must not import vitest. */
import {join} from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** The executable, below ROOT. */
export const EXECUTABLE = `dist/bin/headscale-ts-linux-${process.arch}`
