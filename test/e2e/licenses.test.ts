/** Both programs include the license texts of the packages bundled in them. */
import {describe, expect, test} from 'vitest'
import {PROGRAM_NAMES, runChild} from '../support/program.ts'

describe.for(PROGRAM_NAMES)('%s', (program) => {
  test('prints a license text for each bundled package', async () => {
    const {status, stdout, stderr} = await runChild(program, ['licenses'])
    expect([status, stderr]).toEqual([0, ''])
    const [own, bundled, ...packages] = stdout.split(`\n${'-'.repeat(80)}\n\n`)
    expect(own).toMatch(/^headscale-ts\n\nBSD 3-Clause License/)
    expect(bundled).toContain(`${packages.length} packages`)
    const names = packages.map((text) => /^(\S+) \d+\.\d+\.\d+\S*, \S/.exec(text)?.[1])
    expect(names).toEqual(
      expect.arrayContaining(['@oclif/core', 'undici', 'yaml', 'zod', 'chalk', '@bufbuild/protobuf']),
    )
    expect(packages.filter((text) => text.length < 400)).toEqual([])
  })
})
