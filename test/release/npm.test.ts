/** The npm package, as npm installs it: without the network, with the Node of this project and with an older one. */
import {existsSync, readFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {filesBelow, INSTALLED, isInstalled, outputOf, run, VERSION} from './support.ts'

const installed = join(INSTALLED, 'lib/node_modules/headscale-ts')

test('contains the program, its documents and nothing else', () => {
  const files = filesBelow(installed)
  const folders = new Set(files.map((name) => (name.includes('/') ? name.split('/').slice(0, 2).join('/') : name)))
  const outside = [...folders].filter(
    (name) => !/^(?:bin\/run\.js|dist\/npm|dist\/man|docs\/.*|schema\/.*\.json)$/.test(name),
  )
  expect(outside.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'oclif.manifest.json', 'package.json'])
  expect(files).toEqual(
    expect.arrayContaining(['dist/npm/main.cjs', 'dist/npm/licenses.txt', 'dist/man/headscale-ts.1']),
  )
})

test('says in package.json what users need, without scripts and dependencies', () => {
  const fields = Object.keys(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as object)
  expect(fields.toSorted()).toEqual(
    ['bin', 'description', 'engines', 'files', 'license', 'man', 'name', 'type', 'version'].toSorted(),
  )
})

test('contains no path of the machine that built it', () => {
  const found = filesBelow(installed).filter((name) => readFileSync(join(installed, name), 'utf8').includes(ROOT))
  expect(found).toEqual([])
})

describe('installed', () => {
  const here: [string, string] = [process.execPath, 'bin/run.js']

  test('runs, and works with its own sandbox', () => {
    const program = [here[0], join(installed, here[1])] as const
    expect(outputOf([...program, '--version'])).toBe(`headscale-ts ${VERSION}\n`)
    expect(
      outputOf([...program, 'sandbox', 'run', '--seed', 'guide', '--', ...program, 'namespaces', 'create', 'default']),
    ).toBe('Namespace created\n')
    expect(
      outputOf([...program, 'sandbox', 'run', '--rest', '--', ...program, 'namespaces', 'list', '-o', 'yaml']),
    ).toBe('[]\n')
    expect(outputOf([...program, 'nodes', 'register', '--help'])).toContain('registration key')
    expect(outputOf([...program, 'licenses'])).toContain('Bundled with headscale-ts')
  })

  test('has its command in the folder of programs', () => {
    expect(existsSync(join(INSTALLED, 'bin/headscale-ts'))).toBe(true)
  })

  test.skipIf(!isInstalled('man'))('has man pages that man finds', () => {
    const page = outputOf(['man', '-M', join(INSTALLED, 'share/man'), 'headscale-ts-nodes'], {
      env: {MANWIDTH: '80', LC_ALL: 'C.UTF-8'},
    })
    expect(page).toContain('nodes register')
  })

  const old = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((node) => existsSync(node) && /^v(?:1\d|20|21)\./.test(run([node, '--version'], {cwd: '/'}).stdout))

  test.skipIf(old === undefined)('names the Node it needs, and the executable, if an older one starts it', () => {
    const {status, stdout, stderr} = run([old!, join(installed, here[1]), 'version'])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^error: headscale-ts needs Node 22\.22 or later, this is \d+\.\d+\.\d+\nhint: use a newer Node, or the standalone executable, which needs none\n$/,
    )
  })
})
