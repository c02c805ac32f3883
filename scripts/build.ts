/**
 * `npm run build`: the command table, the manifest, the published JSON Schemas and the command reference, the npm program
 * (dist/npm) and, with Bun, the standalone executable (dist/bin). `--npm-only` leaves the executable out.
 */
import {execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {bundleProgram, OUTPUT} from './build/bundle.ts'
import {writeCommandTable, writeManifest} from './build/commands.ts'
import {bundleForExecutable, compileExecutable, inBuildFolder} from './build/executable.ts'
import {licensesOf, packagesOf} from './build/licenses.ts'
import {writeSchemas} from './build/schemas.ts'

const root = join(import.meta.dirname, '..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

writeCommandTable()
await writeManifest(version)
writeSchemas()
execFileSync(process.execPath, [join(root, 'scripts/docs/reference.ts')], {stdio: 'inherit'})
await buildNpm()
if (!process.argv.includes('--npm-only')) await buildExecutable()

async function buildNpm(): Promise<void> {
  const next = join(root, 'dist/npm.next')
  rmSync(next, {recursive: true, force: true})
  const bundle = await bundleProgram(['src/cli/main.ts', 'src/system/compile-cache.ts'])
  const {output} = await bundle.write({...OUTPUT, dir: next})
  await bundle.close()
  const chunks = output.filter((file) => file.type === 'chunk')
  const packages = packagesOf(chunks.flatMap(({moduleIds}) => moduleIds))
  writeFileSync(join(next, 'licenses.txt'), licensesOf(packages))
  // For the bill of materials of a release.
  writeFileSync(join(root, 'dist/npm-packages.json'), `${JSON.stringify(packages.map(({folder}) => folder))}\n`)
  // For the test of what a command loads.
  const packagesByChunk = chunks.map(({fileName, moduleIds}) => [fileName, packagesOf(moduleIds).map(({name}) => name)])
  writeFileSync(join(root, 'dist/npm-chunks.json'), `${JSON.stringify(Object.fromEntries(packagesByChunk))}\n`)
  // Put in its place at once, so that a program started meanwhile finds all of the old or all of the new.
  rmSync(join(root, 'dist/npm'), {recursive: true, force: true})
  renameSync(next, join(root, 'dist/npm'))
}

async function buildExecutable(): Promise<void> {
  const folder = join(root, 'dist/bin')
  mkdirSync(folder, {recursive: true})
  await inBuildFolder(async (work) => {
    const out = join(work, 'headscale-ts')
    compileExecutable((await bundleForExecutable(work)).file, out)
    copyFileSync(out, join(folder, `headscale-ts-linux-${process.arch}`))
  })
  writeFileSync(join(folder, 'VERSION'), `${version}\n`)
}
