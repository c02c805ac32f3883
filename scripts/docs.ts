/**
 * `npm run docs`, after the build: what the documentation contains of the program itself. The command reference is written
 * by the build.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bundleForExecutable} from './build/executable.ts'
import {dependenciesPage} from './docs/dependencies.ts'

const docs = join(import.meta.dirname, '../docs')

const work = mkdtempSync(join(tmpdir(), 'headscale-ts-docs-'))
try {
  writeFileSync(join(docs, 'dependencies.md'), dependenciesPage(await bundleForExecutable(work)))
} finally {
  rmSync(work, {recursive: true, force: true})
}
