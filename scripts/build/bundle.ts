/** How the program is bundled, for the npm package and for the executable: CommonJS in chunks that are loaded when needed. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type OutputOptions, rolldown, type RolldownBuild} from 'rolldown'
import {lazyOclif} from './lazy-oclif.ts'
import {sharedFlags} from './shared-flags.ts'
import {slimUndici} from './slim-undici.ts'

const root = join(import.meta.dirname, '../..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

/** What is replaced in the sources. */
const DEFINE = {HEADSCALE_TS_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"'}

/** Of the forms tried, the one that Node starts fastest. */
export const OUTPUT = {
  format: 'cjs',
  minify: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
} satisfies OutputOptions

/** @param entries sources, relative to the checkout @param define what else is replaced in the sources */
export function bundleProgram(entries: string[], define: Record<string, string> = {}): Promise<RolldownBuild> {
  return rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    // oclif's loader would pull it in; nothing here loads TypeScript at run time.
    external: ['typescript'],
    transform: {define: {...DEFINE, ...define}, target: 'node22'},
    plugins: [lazyOclif, sharedFlags, slimUndici],
    checks: {ineffectiveDynamicImport: false},
    logLevel: 'warn',
  })
}
