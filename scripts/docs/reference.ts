/**
 * Writes the command reference: docs/commands, which is committed, and the man pages, dist/man. The build runs this file
 * in a process of its own, because it reads the manifest that the build has just written.
 */
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {manFiles} from './man.ts'
import {markdownFiles} from './markdown.ts'
import {pageGroups} from './pages.ts'

const root = join(import.meta.dirname, '../..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

const groups = pageGroups()
writeFolder('docs/commands', markdownFiles(groups))
writeFolder('dist/man', manFiles(groups, version))

/** The folder then holds these files and no others. */
function writeFolder(name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(root, name)
  mkdirSync(folder, {recursive: true})
  for (const file of readdirSync(folder)) if (!(file in files)) rmSync(join(folder, file))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
}
