/**
 * The standalone executable: one CommonJS file with everything in it, compiled by Bun together with its runtime. The
 * build makes the one for this machine; a release makes one for each platform from the same bundle.
 */
import {execFileSync} from 'node:child_process'
import {lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {build, type BuildOptions} from 'esbuild'
import {lazyOclifForEsbuild} from './lazy-oclif.ts'
import {licensesOf, type Package, packagesOf} from './licenses.ts'

const root = join(import.meta.dirname, '../..')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

/** What both bundlers replace in the sources. */
export const DEFINE = {HEADSCALE_TS_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"'}
/** oclif's loader would pull it in; nothing here loads TypeScript at run time. */
export const EXTERNAL = ['typescript']

export interface Bundle {
  file: string
  packages: Package[]
  /** The bytes that each module adds to it. Names are relative to the checkout. */
  modules: Record<string, number>
}

/** Writes the bundle into a folder. */
export async function bundleForExecutable(folder: string): Promise<Bundle> {
  const file = join(folder, 'headscale-ts.cjs')
  // Bundled before Bun sees it: Bun replaces a bare import of undici by its own, which knows no unix sockets.
  const options = {
    absWorkingDir: root,
    stdin: {contents: "import {main} from './src/cli/main.ts'\nvoid main()\n", resolveDir: root, loader: 'ts'},
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: EXTERNAL,
    plugins: [lazyOclifForEsbuild],
  } satisfies BuildOptions
  // Which packages it needs is known only once it is bundled.
  const withLicenses = (text: string) => ({
    ...DEFINE,
    HEADSCALE_TS_LICENSES: JSON.stringify(text),
    'import.meta.dirname': '""',
  })
  const {metafile} = await build({...options, define: withLicenses(''), metafile: true, write: false})
  const modules = Object.fromEntries(
    Object.values(metafile.outputs).flatMap(({inputs}) =>
      Object.entries(inputs).map(([name, {bytesInOutput}]) => [name, bytesInOutput]),
    ),
  )
  const packages = packagesOf(Object.keys(modules).map((name) => join(root, name)))
  await build({...options, define: withLicenses(licensesOf(packages))})
  return {file, packages, modules}
}

export interface Platform {
  /** As Bun names it: `bun-linux-arm64`. */
  target: string
  /** Bun's executable for the platform. */
  runtime: string
}

/** @param bundle the path of the bundle @param out the file to write @param platform this machine if absent */
export function compileExecutable(bundle: string, out: string, platform?: Platform): void {
  execFileSync(
    join(root, 'node_modules/.bin/bun'),
    [
      'build',
      '--compile',
      ...(platform ? [`--target=${platform.target}`, `--compile-executable-path=${platform.runtime}`] : []),
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
    {cwd: dirname(bundle), stdio: ['ignore', 'ignore', 'inherit']},
  )
}

/**
 * Gives `use` the folder in which executables are made: Bun writes the path of what it compiles into the file, so the folder
 * has the same name in every checkout and on every machine. It is created exclusively, so that no other user can put
 * anything into it. While another build or another user has it, a folder with a random name is used; the executable
 * then differs in that name.
 */
export async function inBuildFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = buildFolder()
  try {
    return await use(folder)
  } finally {
    rmSync(folder, {recursive: true})
  }
}

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
