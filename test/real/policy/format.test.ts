/**
 * `policy fmt` writes the bytes of hujsonfmt: generated texts, the examples of headscale's documentation and its recorded cases
 * through this program's formatter, and through Tailscale's library in the release that headscale 0.29.3 uses.
 */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {formatPolicy} from '../../../src/policy/format/format.ts'
import {generateHuJson} from './generate.ts'
import {documentedExamples, recordedTexts} from './module.ts'

const COUNT = 2000
const MODULE = join(import.meta.dirname, '../../servers/headscale-0.29.3')

test.skipIf(spawnSync('go', ['version']).status !== 0)('formats as hujsonfmt does', {timeout: 240_000}, () => {
  const examples = documentedExamples()!
  expect(examples.length).toBeGreaterThan(20)
  const cases = recordedTexts()!
  expect(cases.length).toBeGreaterThanOrEqual(866)
  const texts = [
    ...Array.from({length: COUNT}, (_, i): [string, string] => ['generated', generateHuJson(i + 1)]),
    ...examples,
    ...cases,
  ]
  const program = join(import.meta.dirname, 'hujson-format.go')
  const {status, stdout, stderr} = spawnSync('go', ['run', '-mod=readonly', program], {
    cwd: MODULE,
    input: JSON.stringify(texts.map(([, text]) => text)),
    encoding: 'utf8',
    maxBuffer: 200_000_000,
    env: {...process.env, GOFLAGS: '', GOWORK: 'off'},
  })
  expect(status, stderr).toBe(0)
  const expected = JSON.parse(stdout) as unknown[]
  expect(expected).toHaveLength(texts.length)
  const rejected: string[] = []
  for (const [i, [name, text]] of texts.entries()) {
    if (typeof expected[i] !== 'string') {
      expect(() => formatPolicy(text, name), text).toThrow(name)
      rejected.push(name)
      continue
    }
    const formatted = formatPolicy(text, name)
    expect(formatted, `${name}: ${JSON.stringify(text)}`).toBe(expected[i])
    expect(formatPolicy(formatted, name)).toBe(formatted)
  }
  // Two examples are parts of an object, and one lacks a brace.
  expect(rejected.sort()).toEqual(['CHANGELOG.md', 'CHANGELOG.md', 'docs/ref/policy.md'])
})
