/**
 * `npm run docs`, after the build: what the documentation contains of the program itself. The command reference is written
 * by the build.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bundleForExecutable} from './build/executable.ts'
import {dependenciesPage} from './docs/dependencies.ts'
import {pictures} from './docs/pictures.ts'

const docs = join(import.meta.dirname, '../docs')

mkdirSync(join(docs, 'images'), {recursive: true})
for (const [name, text] of Object.entries(await pictures())) writeFileSync(join(docs, 'images', name), text)

const work = mkdtempSync(join(tmpdir(), 'headscale-ts-docs-'))
try {
  writeFileSync(join(docs, 'dependencies.md'), dependenciesPage(await bundleForExecutable(work)))
} finally {
  rmSync(work, {recursive: true, force: true})
}
