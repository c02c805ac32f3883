/**
 * Software bills of materials in CycloneDX 1.6: what is really in the npm package and in the executables, from the
 * bundlers' lists of modules. Nothing that is only used to build or test the program is in them.
 */
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Package, packagesOf} from '../build/licenses.ts'
import {executableBundle} from './executables.ts'
import {buildNpmProgram} from './npm-package.ts'
import {PACKAGE, type Part, ROOT, VERSION} from './release.ts'

export const sbomParts: readonly Part[] = [
  {
    name: 'sbom-npm',
    what: 'what the npm package contains (CycloneDX)',
    needs: [],
    build({folder, time}) {
      buildNpmProgram()
      const bundled = JSON.parse(readFileSync(join(ROOT, 'dist/npm-packages.json'), 'utf8')) as string[]
      const packages = packagesOf(bundled.map((installed) => join(ROOT, installed, 'package.json')))
      write(join(folder, `headscale-ts-${VERSION}-npm.cdx.json`), bom(packages, time))
    },
  },
  {
    name: 'sbom-executable',
    what: 'what the executables contain (CycloneDX)',
    needs: [],
    async build({folder, time}) {
      const {packages} = await executableBundle()
      write(join(folder, `headscale-ts-${VERSION}-executable.cdx.json`), bom([...packages, bunRuntime()], time))
    },
  },
]

type Bundled = Pick<Package, 'name' | 'version' | 'license' | 'folder'>

/** The package that the runtimes belong to; its license text is in LICENSES.txt. */
function bunRuntime(): Bundled {
  const folder = 'node_modules/bun'
  return {...(JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Bundled), folder}
}

interface Component {
  type: 'library' | 'platform'
  'bom-ref': string
  group?: string
  name: string
  version: string
  licenses: object[]
  purl: string
  hashes?: object[]
  description?: string
}

/** A document without the serial number, which is computed from the rest of it. */
function bom(packages: readonly Bundled[], time: number): object {
  const root = {
    type: 'application',
    'bom-ref': `pkg:npm/headscale-ts@${VERSION}`,
    name: 'headscale-ts',
    version: VERSION,
    description: PACKAGE.description,
    licenses: [{license: {id: PACKAGE.license}}],
    purl: `pkg:npm/headscale-ts@${VERSION}`,
  }
  const components = packages.map(componentOf)
  const content = {
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      lifecycles: [{phase: 'build'}],
      tools: {components: [{type: 'application', name: 'headscale-ts release:build', version: VERSION}]},
      component: root,
    },
    components,
    dependencies: [
      {ref: root['bom-ref'], dependsOn: components.map((component) => component['bom-ref'])},
      ...packages.map((one) => ({
        ref: purlOf(one),
        dependsOn: dependenciesOf(one, packages).map(purlOf),
      })),
    ],
  }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  }
}

function componentOf(one: Bundled): Component {
  const [group, name] = one.name.startsWith('@') ? one.name.split('/') : [undefined, one.name]
  const runtime = one.name === 'bun'
  return {
    type: runtime ? 'platform' : 'library',
    'bom-ref': purlOf(one),
    ...(group ? {group} : {}),
    name: name!,
    version: one.version,
    ...(runtime
      ? {
          description:
            'The runtime in the executables. It links JavaScriptCore and WebKit (LGPL 2) and others; see LICENSES.txt',
        }
      : {}),
    licenses: [licenseOf(one.license)],
    purl: purlOf(one),
    // The package bun is only an installer; its runtimes are in packages for each platform.
    ...(runtime ? {} : {hashes: [{alg: 'SHA-512', content: checksumOf(one)}]}),
  }
}

const purlOf = ({name, version}: Bundled) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** An identifier or an expression of SPDX. */
function licenseOf(license: string): object {
  const text = license.replace(/^\((.*)\)$/, '$1')
  return / (?:AND|OR|WITH) /.test(text) ? {expression: text} : {license: {id: text}}
}

/** The checksum of the package that npm installed, in hex digits. */
function checksumOf({folder}: Bundled): string {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, {integrity: string}>
  }
  const {integrity} = lock.packages[folder]!
  return Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
}

/** The packages that it requires, as far as they are bundled: of several versions the one that it gets. */
export function dependenciesOf(one: Bundled, packages: readonly Bundled[]): Bundled[] {
  const {dependencies = {}} = JSON.parse(readFileSync(join(ROOT, one.folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const parts = one.folder.split('/node_modules/')
  const parents = parts.map((_, i) => parts.slice(0, parts.length - i).join('/node_modules/'))
  return Object.keys(dependencies).flatMap((name) => {
    const folders = [...parents.map((parent) => `${parent}/node_modules/${name}`), `node_modules/${name}`]
    const installed = folders.find((folder) => existsSync(join(ROOT, folder)))
    return packages.filter(({folder}) => folder === installed)
  })
}

/** A UUID of version 8: the same content has the same one. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function write(file: string, document: object): void {
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)
}
