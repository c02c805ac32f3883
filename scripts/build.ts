/**
 * `npm run build`: the command table, the manifest, the published JSON Schemas and the command reference, the npm program
 * (dist/npm) and, with Bun, the standalone executable (dist/bin). `--npm-only` leaves the executable out.
 */
import {execFileSync} from 'node:child_process'
import {copyFileSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type BuildOptions} from 'esbuild'
import {rolldown} from 'rolldown'
import {writeCommandTable, writeManifest} from './build/commands.ts'
import {lazyOclifForEsbuild, lazyOclifForRolldown} from './build/lazy-oclif.ts'
import {licensesOf} from './build/licenses.ts'
import {writeSchemas} from './build/schemas.ts'

const root = join(import.meta.dirname, '..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

const define = {HEADSCALE_TS_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"'}
/** oclif's loader would pull it in; nothing here loads TypeScript at run time. */
const external = ['typescript']

writeCommandTable()
await writeManifest(version)
writeSchemas()
execFileSync(process.execPath, [join(root, 'scripts/docs/reference.ts')], {stdio: 'inherit'})
await buildNpm()
if (!process.argv.includes('--npm-only')) await buildExecutable()

/** CommonJS in many small files, loaded when needed: of the forms tried the one Node starts fastest. */
async function buildNpm(): Promise<void> {
  const next = join(root, 'dist/npm.next')
  rmSync(next, {recursive: true, force: true})
  const bundle = await rolldown({
    cwd: root,
    input: ['src/cli/main.ts', 'src/system/compile-cache.ts'],
    platform: 'node',
    external,
    transform: {define, target: 'node22'},
    plugins: [lazyOclifForRolldown],
    checks: {ineffectiveDynamicImport: false},
    logLevel: 'warn',
  })
  const {output} = await bundle.write({
    dir: next,
    format: 'cjs',
    minify: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
  })
  await bundle.close()
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  writeFileSync(join(next, 'licenses.txt'), licensesOf(modules))
  // Put in its place at once, so that a program started meanwhile finds all of the old or all of the new.
  rmSync(join(root, 'dist/npm'), {recursive: true, force: true})
  renameSync(next, join(root, 'dist/npm'))
}

async function buildExecutable(): Promise<void> {
  const work = buildFolder()
  try {
    await buildExecutableIn(work)
  } finally {
    rmSync(work, {recursive: true})
  }
}

async function buildExecutableIn(work: string): Promise<void> {
  const folder = join(root, 'dist/bin')
  mkdirSync(folder, {recursive: true})
  const bundle = join(work, 'headscale-ts.cjs')
  // Bundled before Bun sees it: Bun replaces a bare import of undici by its own, which knows no unix sockets.
  const options = {
    absWorkingDir: root,
    stdin: {contents: "import {main} from './src/cli/main.ts'\nvoid main()\n", resolveDir: root, loader: 'ts'},
    outfile: bundle,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    external,
    plugins: [lazyOclifForEsbuild],
  } satisfies BuildOptions
  // Which packages it needs is known only once it is bundled.
  const withLicenses = (text: string) => ({
    ...define,
    HEADSCALE_TS_LICENSES: JSON.stringify(text),
    'import.meta.dirname': '""',
  })
  const {metafile} = await build({...options, define: withLicenses(''), metafile: true, write: false})
  const modules = Object.values(metafile.outputs).flatMap(({inputs}) => Object.keys(inputs))
  await build({...options, define: withLicenses(licensesOf(modules.map((file) => join(root, file))))})
  const out = join(work, 'headscale-ts')
  execFileSync(
    join(root, 'node_modules/.bin/bun'),
    [
      'build',
      '--compile',
      '--bytecode',
      // A command lives a few hundredths of a second: compiling its functions costs more than it gives.
      '--compile-jit-policy=100',
      '--minify',
      '--format=cjs',
      // A stray .env or bunfig.toml in the working folder must not steer an admin tool.
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
      '--define',
      'process.env.NODE_ENV="production"',
      bundle,
      '--outfile',
      out,
    ],
    {cwd: work, stdio: ['ignore', 'ignore', 'inherit']},
  )
  copyFileSync(out, join(folder, `headscale-ts-linux-${process.arch}`))
  writeFileSync(join(folder, 'VERSION'), `${version}\n`)
}

/**
 * Where the executable is made: Bun writes the path of what it compiles into the file, so the folder has the same name in
 * every checkout and on every machine. It is created exclusively, so that no other user can put anything into it. While
 * another build or another user has it, a folder with a random name is used; the executable then differs in that name.
 */
function buildFolder(): string {
  const fixed = '/tmp/headscale-ts-build'
  for (let tries = 0; tries < 100; tries++) {
    try {
      mkdirSync(fixed, {mode: 0o700})
      return fixed
    } catch {
      const found = lstatSync(fixed, {throwIfNoEntry: false})
      const abandoned = found?.uid === process.getuid?.() && Date.now() - found!.ctimeMs > 300_000
      if (abandoned) rmSync(fixed, {recursive: true, force: true})
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    }
  }
  return mkdtempSync(`${fixed}-`)
}
