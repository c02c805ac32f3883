/**
 * The licenses of what is bundled: which packages a bundle has modules of, and the license text of each. The npm package carries it as dist/npm/licenses.txt, the executable in itself; `headscale-ts licenses`
 * prints it. A package whose license text cannot be found fails the build.
 */
import {readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'

/** A package that a bundle has modules of. */
export interface Package {
  name: string
  version: string
  /** SPDX expression. */
  license: string
  text: string
  /** Where it is installed, below the checkout: `node_modules/zod`. Two versions of a package are in two folders. */
  folder: string
}

const root = join(import.meta.dirname, '../..')
const FILE = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i

/** Packages without a file of their license: a source that opens with the holder and one license, and the other's text. */
const TEXT_ELSEWHERE: Readonly<Record<string, {header: string; text: string}>> = {
  '@bufbuild/protobuf': {header: '@bufbuild/protobuf/dist/esm/wire/varint.js', text: 'typescript/LICENSE'},
}

/** What the executable has beside the bundle: https://github.com/oven-sh/bun, LICENSE.md there. */
const BUN = `The executable contains the Bun runtime. Bun is licensed under the MIT license. It links JavaScriptCore and WebKit,
which are licensed under the LGPL, version 2, and other libraries under their own licenses. The list, the source code and
how to link against another JavaScriptCore: https://bun.sh/docs/project/licensing
`

/** @param modules paths of the files in a bundle @returns in order of name and version */
export function packagesOf(modules: Iterable<string>): Package[] {
  const folders = new Set<string>()
  for (const file of modules) {
    const folder = packageFolder(file)
    if (folder !== null) folders.add(folder)
  }
  const packages = new Map<string, Package>()
  for (const folder of folders) {
    const found = packageAt(folder)
    packages.set(`${found.name} ${found.version}`, found)
  }
  return [...packages.values()].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

const orderOf = ({name, version}: Package) => `${name} ${version}`

/** The folder of the package that a module belongs to; null for a module of our own. */
export function packageFolder(module: string): string | null {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? null
}

/** @returns one text with the license of each package */
export function licensesOf(packages: readonly Package[]): string {
  const own = readFileSync(join(root, 'LICENSE'), 'utf8')
  return [
    `headscale-ts\n\n${own}`,
    `Bundled with headscale-ts: ${packages.length} packages, and in the executable the Bun runtime.\n\n${BUN}`,
    ...packages.map(
      ({name, version, license, text}) =>
        `${name} ${version}, ${license.replace(/^\((.*)\)$/, '$1')}\n\n${text.trim()}\n`,
    ),
  ].join(`\n${'-'.repeat(80)}\n\n`)
}

function packageAt(folder: string): Package {
  const {
    name,
    version,
    license = '',
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const files = readdirSync(folder).filter((file) => FILE.test(file))
  const elsewhere = TEXT_ELSEWHERE[name!]
  const text =
    files.length > 0
      ? files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
      : elsewhere && `${headerOf(elsewhere.header)}\n\n${readModule(elsewhere.text)}`
  if (!text) throw new Error(`${name}: no license text found`)
  return {name: name!, version: version!, license, text, folder: relative(root, folder)}
}

/** The comment a source opens with. */
function headerOf(file: string): string {
  const lines = readModule(file).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n')
}

function readModule(file: string): string {
  return readFileSync(join(root, 'node_modules', file), 'utf8')
}
