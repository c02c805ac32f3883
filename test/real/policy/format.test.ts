/**
 * `policy fmt` writes the bytes of hujsonfmt: generated texts through this program's formatter, and through Tailscale's
 * library in the release that headscale 0.29.3 uses.
 */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {formatPolicy} from '../../../src/policy/format/format.ts'
import {generateHuJson} from './generate.ts'

const COUNT = 2000
const MODULE = join(import.meta.dirname, '../../servers/headscale-0.29.3')

test.skipIf(spawnSync('go', ['version']).status !== 0)('formats as hujsonfmt does', {timeout: 240_000}, () => {
  const texts = Array.from({length: COUNT}, (_, i) => generateHuJson(i + 1))
  const program = join(import.meta.dirname, 'hujson-format.go')
  const {status, stdout, stderr} = spawnSync('go', ['run', '-mod=readonly', program], {
    cwd: MODULE,
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 100_000_000,
    env: {...process.env, GOFLAGS: '', GOWORK: 'off'},
  })
  expect(status, stderr).toBe(0)
  const expected = JSON.parse(stdout) as unknown[]
  expect(expected).toHaveLength(COUNT)
  for (const [i, text] of texts.entries()) {
    const formatted = formatPolicy(text, 'generated')
    expect(formatted, JSON.stringify(text)).toBe(expected[i])
    expect(formatPolicy(formatted, 'generated')).toBe(formatted)
  }
})
