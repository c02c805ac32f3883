/** What accompanies a release: checksums, bills of materials, the changelog, the licenses and the Containerfile. */
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {outputOf, RELEASE, releaseFile, run, VERSION} from './support.ts'

const read = (name: string) => readFileSync(releaseFile(name), 'utf8')

test('SHA256SUMS has every file', () => {
  expect(run(['sha256sum', '--check', '--quiet', '--strict', 'SHA256SUMS'])).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  })
  const named = read('SHA256SUMS')
    .trim()
    .split('\n')
    .map((line) => line.slice(66))
  expect(named).toEqual(
    readdirSync(RELEASE)
      .filter((name) => name !== 'SHA256SUMS')
      .toSorted(),
  )
})

interface Component {
  type: string
  name: string
  group?: string
  version: string
  'bom-ref': string
  purl: string
  licenses: ({license: {id: string}} | {expression: string})[]
  hashes?: {alg: string; content: string}[]
}

interface Bom {
  bomFormat: string
  specVersion: string
  serialNumber: string
  version: number
  metadata: {timestamp: string; component: Component; lifecycles: {phase: string}[]}
  components: Component[]
  dependencies: {ref: string; dependsOn: string[]}[]
}

describe.for(['npm', 'executable'])('the bill of materials of the %s', (kind) => {
  const bom = () => JSON.parse(read(`headscale-ts-${VERSION}-${kind}.cdx.json`)) as Bom

  test('has the fields that CycloneDX 1.6 requires, with values that it allows', () => {
    const {bomFormat, specVersion, serialNumber, version, metadata, components, dependencies} = bom()
    expect([bomFormat, specVersion, version]).toEqual(['CycloneDX', '1.6', 1])
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(new Date(metadata.timestamp).toISOString()).toBe(metadata.timestamp)
    for (const component of [metadata.component, ...components]) {
      expect(['application', 'library', 'platform']).toContain(component.type)
      expect(component.name).toMatch(/^[a-z0-9][a-z0-9._-]*$/i)
      expect(component.purl).toBe(
        `pkg:npm/${component.group ? `${component.group.replace('@', '%40')}/` : ''}${component.name}@${component.version}`,
      )
      // One SPDX expression, or licenses with an SPDX identifier.
      expect(component.licenses).toHaveLength(1)
      const [license] = component.licenses
      if ('license' in license!) expect(license.license.id).toMatch(/^[A-Za-z0-9][A-Za-z0-9.+-]*$/)
      else expect(license!.expression).toMatch(/ (?:AND|OR) /)
      for (const {alg, content} of component.hashes ?? []) {
        expect(alg).toBe('SHA-512')
        expect(content).toMatch(/^[0-9a-f]{128}$/)
      }
    }
    const refs = [metadata.component, ...components].map((component) => component['bom-ref'])
    expect(new Set(refs).size).toBe(refs.length)
    expect(dependencies.map(({ref}) => ref).toSorted()).toEqual(refs.toSorted())
    expect(dependencies.flatMap(({dependsOn}) => dependsOn).filter((ref) => !refs.includes(ref))).toEqual([])
  })

  test('has what the program says it contains', () => {
    const program: [string, ...string[]] =
      kind === 'npm'
        ? [process.execPath, join(ROOT, 'bin/run.js')]
        : [releaseFile(`headscale-ts-linux-${process.arch}`)]
    const texts = outputOf([...program, 'licenses'])
      .split(`\n${'-'.repeat(80)}\n\n`)
      .slice(2)
    const printed = texts.map((text) => text.split(',')[0]!)
    const listed = bom().components.map(({group, name, version}) => `${group ? `${group}/` : ''}${name} ${version}`)
    expect(listed).toEqual(kind === 'npm' ? printed : [...printed, expect.stringMatching(/^bun \d/)])
  })
})

test('LICENSES.txt is what the executable prints', () => {
  expect(read('LICENSES.txt')).toBe(outputOf([releaseFile(`headscale-ts-linux-${process.arch}`), 'licenses']))
})

test('CHANGELOG.md has every changeset', () => {
  const changelog = read('CHANGELOG.md')
  expect(changelog).toMatch(
    new RegExp(`^# Changes\n\n## ${VERSION.replaceAll('.', '\\.')} \\(\\d{4}-\\d\\d-\\d\\d\\)\n\n### `),
  )
  const words = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
  const missing = readdirSync(join(ROOT, '.changeset')).filter((name) => {
    const text = readFileSync(join(ROOT, '.changeset', name), 'utf8').split('\n---\n')[1]!
    return !words(changelog).includes(words(text))
  })
  expect(missing).toEqual([])
})

test('the Containerfile copies files of the release and does not run as root', () => {
  const lines = read('Containerfile')
    .split('\n')
    .filter((line) => !/^(?:#|$)/.test(line))
  const copied = lines.filter((line) => line.startsWith('COPY')).map((line) => line.split(' ').at(-2)!)
  expect(copied).toEqual(['headscale-ts-linux-x64', 'headscale-ts-linux-arm64', 'LICENSES.txt'])
  expect(copied.filter((name) => !readdirSync(RELEASE).includes(name))).toEqual([])
  expect(lines.filter((line) => /^(?:USER|ENTRYPOINT)/.test(line))).toEqual([
    'USER 65532:65532',
    'ENTRYPOINT ["/usr/local/bin/headscale-ts"]',
  ])
  const stages = lines.flatMap((line) => /^FROM .* AS (\S+)$/.exec(line)?.[1] ?? [])
  expect(stages).toEqual(['base', 'amd64', 'arm64'])
})
