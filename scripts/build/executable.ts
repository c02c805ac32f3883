/**
 * The standalone executable: one CommonJS file with everything in it, compiled by Bun together with its runtime. The
 * build makes the one for this machine; a release makes one for each platform from the same bundle.
 */
import {execFileSync} from 'node:child_process'
import {lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {gzipSync} from 'node:zlib'
import {basename, dirname, join, relative} from 'node:path'
import {bundleProgram, OUTPUT} from './bundle.ts'
import {licensesOf, type Package, packagesOf} from './licenses.ts'

const root = join(import.meta.dirname, '../..')

export interface Bundle {
  /** In a folder that has the compressed code beside it, and nothing else. */
  file: string
  packages: Package[]
  /** The bytes of each module before they are minified. Names are relative to the checkout. */
  modules: Record<string, number>
}

/**
 * Writes the bundle into a folder: the chunks of the npm program in one file, each in a function that runs when the chunk
 * is first needed. A runtime has to create every function at the top of a file before it runs the first one, so code that
 * a command does not use must not be there.
 */
export async function bundleForExecutable(folder: string): Promise<Bundle> {
  const file = join(folder, 'headscale-ts.cjs')
  // Bundled before Bun sees it: Bun replaces a bare import of undici by its own, which knows no unix sockets.
  const bundle = await bundleProgram(['src/cli/main.ts'], {'import.meta.dirname': '""'})
  const {output} = await bundle.generate(OUTPUT)
  await bundle.close()
  const chunks = output.filter((part) => part.type === 'chunk')
  const modules = Object.fromEntries(
    chunks.flatMap((chunk) =>
      Object.entries(chunk.modules).map(([name, {renderedLength}]) => [relative(root, name), renderedLength]),
    ),
  )
  const packages = packagesOf(chunks.flatMap(({moduleIds}) => moduleIds))
  const code = [
    `'use strict'; const HEADSCALE_TS_LICENSES = ${JSON.stringify(licensesOf(packages))}`,
    LOADER,
    ...chunks.map(({fileName, code: text, moduleIds}) => {
      const name = JSON.stringify(basename(fileName))
      if (!moduleIds.some((id) => COMPRESSED.test(relative(root, id)))) {
        return `chunks[${name}] = function (module, exports, require) {${text}\n}`
      }
      writeFileSync(join(folder, `${basename(fileName)}.gz`), gzipSync(text, {level: 9}))
      return `chunks[${name}] = (...given) => readChunk(require(${JSON.stringify(`./${basename(fileName)}.gz`)}))(...given)`
    }),
    "void loadChunk('main.cjs').main()\n",
  ]
  writeFileSync(file, code.join(';\n'))
  return {file, packages, modules}
}

/**
 * Code that only seldom used commands need is compressed, and compiled when it is needed. The rest is there as text and as
 * bytecode, which together are more than ten times as large and start faster (by 30 ms for the certificates of `derp cert`, most of all).
 */
const COMPRESSED = /^node_modules\/@peculiar\/x509\/|^src\/(?:setup|doctor)\//

/** Loads chunks by their file names, which are unique, and all else as Bun does. */
const LOADER = `
const chunks = {}, loaded = {}
function loadChunk(name) {
  if (loaded[name]) return loaded[name].exports
  const module = (loaded[name] = {exports: {}})
  chunks[name](module, module.exports, load)
  return module.exports
}
function readChunk(path) {
  const text = require('node:zlib').gunzipSync(require('node:fs').readFileSync(path)).toString()
  return new Function('module', 'exports', 'require', text)
}
function load(name) {
  return /^\\.\\.?\\//.test(name) ? loadChunk(name.slice(name.lastIndexOf('/') + 1)) : require(name)
}`

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
      '--loader',
      '.gz:file',
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
