/**
 * docs/dependencies.md: each package that the program contains, with its size in the bundle of the executable. What it is
 * for and when it was released is written here by hand; a bundled package without a line fails.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Bundle} from '../build/executable.ts'
import {type Package, packageFolder} from '../build/licenses.ts'
import {dependenciesOf} from '../release/sbom.ts'

const root = join(import.meta.dirname, '../..')

interface Dependency {
  name: string
  /** The package that is bundled, if this one only gives it another name. */
  bundled?: string
  for: string
  /** Year and month of the version in use, by `npm view NAME time`. */
  released: string
  /** What we would write without it. */
  instead: string
}

const DEPENDENCIES: readonly Dependency[] = [
  {
    name: 'undici',
    for: 'HTTP and HTTPS: sockets, proxies, certificates of a private authority, timeouts. The `fetch` of Node has no way to use a unix socket, and that of Bun is another one',
    released: '2026-11',
    instead: 'a client over `node:http` and `node:https` with a proxy tunnel: about 500 lines, and their tests',
  },
  {
    name: '@oclif/core',
    for: 'the parser of flags and arguments. Its help, plugins and discovery of commands are not used, and what only they need is left out of the bundle',
    released: '2026-10',
    instead: 'a parser over `util.parseArgs` with types, repeated flags, relations and messages: about 600 lines',
  },
  {
    name: 'js-yaml',
    for: 'seeds and tailnet files without a mistake: a quarter of the time of yaml, but no positions',
    released: '2026-10',
    instead: 'yaml alone: half a second for a tailnet of 1,000 nodes',
  },
  {
    name: 'yaml',
    for: 'YAML with positions: configuration files, DERP maps, seeds with a mistake, `-o yaml`',
    released: '2026-09',
    instead: 'nothing: a parser of YAML is too much for one use',
  },
  {
    name: 'zod',
    for: 'checks of replies over REST and of seeds; the published JSON Schemas',
    released: '2026-10',
    instead: 'a checker of objects that also writes JSON Schema: about 400 lines',
  },
  {
    name: '@peculiar/x509',
    for: '`derp cert`, which creates certificates; loaded by this command alone',
    released: '2026-10',
    instead: 'the DER of one self-signed certificate: about 150 lines, and the risk of a mistake in a security matter',
  },
  {
    name: 'reflect-metadata',
    for: '@peculiar/x509 needs it to be loaded before',
    released: '2024-03',
    instead: 'it goes with @peculiar/x509',
  },
  {
    name: 'json-p3',
    for: '`-o jsonpath=EXPR` (RFC 9535)',
    released: '2026-09',
    instead: 'a parser and evaluator of JSONPath with filters: about 800 lines; the conformance suite has 700 cases',
  },
  {
    name: 'tweetnacl',
    for: 'the NaCl box of the DERP handshake in `derp check`. `node:crypto` has X25519, but not XSalsa20',
    released: '2020-02',
    instead: 'XSalsa20 and Poly1305: about 150 lines of cryptography, which is not to be written by oneself',
  },
  {
    name: 'cli-table3',
    for: 'the framed report of `derp check`; lists have a renderer of their own',
    released: '2024-05',
    instead: 'frames around wrapped cells: about 100 lines',
  },
  {
    name: '@bufbuild/protobuf',
    for: 'reading and writing the wire format of protobuf; the generated messages use it',
    released: '2026-11',
    instead: 'a reader and writer of varints and fields: about 300 lines',
  },
  {
    name: 'chalk',
    for: 'colour, and whether a terminal has it',
    released: '2026-09',
    instead: '`util.styleText`, which does the same since Node 22.13',
  },
  {
    name: '@inquirer/prompts',
    bundled: '@inquirer/confirm',
    for: 'the question before a change',
    released: '2026-11',
    instead: 'a line from `node:readline` with its answer: about 60 lines',
  },
  {
    name: 'string-width',
    for: 'how many columns a text takes in a terminal',
    released: '2026-11',
    instead: 'a table of wide characters from Unicode, renewed every year',
  },
]

/** @throws Error if a bundled package has no line, or a line has no bundled package */
export function dependenciesPage({packages, modules}: Bundle): string {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {devDependencies: Record<string, string>}
  const bundled = new Set(packages.map(({folder}) => folder))
  const wrong = [
    ...Object.keys(own.devDependencies)
      .filter((name) => bundled.has(`node_modules/${name}`) && !DEPENDENCIES.some((one) => one.name === name))
      .map((name) => `${name} is bundled and has no line`),
    ...DEPENDENCIES.filter((one) => !bundled.has(folderOf(one))).map(({name}) => `${name} is not bundled`),
  ]
  if (wrong.length > 0) throw new Error(`scripts/docs/dependencies.ts: ${wrong.join('; ')}`)

  const owners = ownersOf(packages)
  const sizes: Record<string, number> = {}
  for (const [module, bytes] of Object.entries(modules)) {
    const folder = packageFolder(join(root, module))?.slice(root.length + 1)
    const owner = folder === undefined ? '' : owners.get(folder)!
    sizes[owner] = (sizes[owner] ?? 0) + bytes
  }
  const sizeText = (name: string) => `${Math.max(5, Math.round((sizes[name] ?? 0) / 5000) * 5)} KB`
  const rows = DEPENDENCIES.toSorted((a, b) => sizes[b.name]! - sizes[a.name]!).map((dependency) => {
    const version = installedVersion(dependency.name)
    const others = [...owners.values()].filter((owner) => owner === dependency.name).length - 1
    const count = others > 0 ? `, with ${others} other${others === 1 ? '' : 's'}` : ''
    return `| ${dependency.name} ${version}${count} | ${dependency.for} | ${sizeText(dependency.name)} | ${dependency.released} | ${dependency.instead} |`
  })
  return `<!-- written by npm run docs; do not edit -->

# What the program contains

The npm package has no dependencies: the packages below are bundled, as far as the program uses them, and so they are in the executables. \`headscale-ts licenses\`
prints the licenses of all of them, and a release has bills of materials ([install.md](install.md)).

Size is that of a package and the packages that it needs, before minification. In the program it is about half. Our own code is about
${((sizes[''] ?? 0) / 1e6).toFixed(1)} MB.

| package | for | size | released | without it |
|---|---|---|---|---|
${rows.join('\n')}

The executables contain Bun ${installedVersion('bun')} (2026-11), about 100 MB of each. Without it there would be no program for machines without Node.
`
}

/** The direct dependency that each package, by its folder, is there for: the first of the list above that needs it. */
function ownersOf(packages: readonly Package[]): Map<string, string> {
  const owners = new Map<string, string>()
  const visit = (one: Package, owner: string) => {
    if (owners.has(one.folder)) return
    owners.set(one.folder, owner)
    for (const dependency of dependenciesOf(one, packages)) visit(dependency as Package, owner)
  }
  for (const one of DEPENDENCIES) owners.set(folderOf(one), one.name)
  for (const dependency of DEPENDENCIES) {
    const one = packages.find(({folder}) => folder === folderOf(dependency))!
    for (const other of dependenciesOf(one, packages)) visit(other as Package, dependency.name)
  }
  return owners
}

const folderOf = ({name, bundled = name}: Dependency) => `node_modules/${bundled}`

function installedVersion(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as {version: string}).version
}
