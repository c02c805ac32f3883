/**
 * `npm run build`: the command table and the manifest, the npm program (dist/npm) and, with Bun, the standalone
 * executable (dist/bin). `--npm-only` leaves the executable out.
 */
import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type BuildOptions} from 'esbuild'
import {writeCommandTable, writeManifest} from './build/commands.ts'
import {lazyOclif} from './build/lazy-oclif.ts'
import {namedImports} from './build/named-imports.ts'

const root = join(import.meta.dirname, '..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: {HEADSCALE_TS_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"'},
  external: ['typescript'],
  plugins: [lazyOclif, namedImports],
}

writeCommandTable()
await writeManifest(version)
await buildNpm()
if (!process.argv.includes('--npm-only')) await buildExecutable()

async function buildNpm(): Promise<void> {
  rmSync(join(root, 'dist/npm'), {recursive: true, force: true})
  await build({
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    format: 'esm',
    splitting: true,
    outdir: 'dist/npm',
    chunkNames: 'chunks/[name]-[hash]',
    // CommonJS packages in an ES module bundle call require for Node's own modules.
    banner: {js: "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);"},
  })
}

async function buildExecutable(): Promise<void> {
  const folder = join(root, 'dist/bin')
  mkdirSync(folder, {recursive: true})
  const bundle = join(root, 'dist/standalone.cjs')
  const entry = "import {main} from './src/cli/main.ts'\nvoid main()\n"
  // Bundled before Bun sees it: Bun replaces a bare import of undici by its own, which knows no unix sockets.
  await build({...shared, stdin: {contents: entry, resolveDir: root, loader: 'ts'}, format: 'cjs', outfile: bundle})
  const out = join(folder, `headscale-ts-linux-${process.arch}`)
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
    {cwd: root, stdio: ['ignore', 'ignore', 'inherit']},
  )
  writeFileSync(join(folder, 'VERSION'), `${version}\n`)
}
