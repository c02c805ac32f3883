/** The executables: of the format that their name says; those that this machine can start work. */
import {existsSync, statSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {EXECUTABLES, executableFile} from '../../scripts/release/executables.ts'
import {formatOf} from '../../scripts/release/file-format.ts'
import {isBuilt, isInstalled, outputOf, releaseFile, VERSION} from './support.ts'

describe.for(EXECUTABLES)('$name', (executable) => {
  const file = executableFile(executable)

  test.skipIf(!isBuilt(file))('has the format of its platform', () => {
    expect(formatOf(releaseFile(file))).toBe(executable.format)
    expect(statSync(releaseFile(file)).mode & 0o777).toBe(0o755)
  })
})

/** How to start an executable for another processor, by the name of the executable. */
const EMULATORS: Readonly<Record<string, readonly [program: string, libraries: string]>> = {
  'linux-arm64': ['qemu-aarch64-static', '/usr/aarch64-linux-gnu'],
}

describe.for(['linux-x64', 'linux-arm64'])('%s', (name) => {
  const file = releaseFile(executableFile({name}))
  const own = name === `linux-${process.arch}`
  const [emulator, libraries] = EMULATORS[name] ?? ['', '']
  const can = existsSync(file) && (own || (isInstalled(emulator) && existsSync(libraries)))
  const program: [string, ...string[]] = own ? [file] : [emulator, '-L', libraries, file]

  test.skipIf(!can)('runs', () => {
    expect(outputOf([...program, '--version'])).toBe(`headscale-ts ${VERSION}\n`)
    expect(outputOf([...program, 'derp', 'render', '--domain', 'derp.example.com'])).toContain(
      'hostname: derp.example.com',
    )
  })

  test.skipIf(!can)('works with its own sandbox', () => {
    const line = [...program, 'namespaces', 'create', 'default'] as const
    expect(outputOf([...program, 'sandbox', 'run', '--', ...line])).toBe('Namespace created\n')
  })
})
