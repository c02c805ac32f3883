/** README.md is correct: every line it shows is a command with existing flags, and so are its exit codes. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import manifest from '../../oclif.manifest.json' with {type: 'json'}
import {resolveArgv} from '../../src/cli/args/argv.ts'
import {HeadscaleError} from '../../src/errors.ts'
import {ROOT} from '../support/paths.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const commands = manifest.commands as unknown as Record<string, {flags: Record<string, Spelled>}>

interface Spelled {
  name: string
  char?: string
  charAliases?: string[]
  aliases?: string[]
}

/** Commands in code blocks, without the comment after them, and commands in the text. */
const lines = [
  ...[...readme.matchAll(/```\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split('\n')),
  ...[...readme.matchAll(/`(headscale-ts [^`\n]*)`/g)].map(([, line]) => line!),
]
  .map((line) => line.split('#')[0]!.trim().replace(/^npx /, ''))
  .filter((line) => line.startsWith('headscale-ts ') && !/^headscale-ts (?:derp|(?:[a-z]+ )*--help)$/.test(line))

test('README.md has such lines', () => {
  expect(lines.length).toBeGreaterThan(15)
})

describe('the lines', () => {
  test.for(lines)('%s', (line) => {
    const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!).slice(1)
    const found = resolveArgv(argv, Object.keys(commands))
    expect(found.kind).toBe('command')
    if (found.kind !== 'command') return
    const end = found.rest.indexOf('--')
    const used = (end === -1 ? found.rest : found.rest.slice(0, end)).filter((word) => /^-./.test(word))
    const known = Object.values(commands[found.id]!.flags).flatMap(({name, char, charAliases = [], aliases = []}) => [
      ...[name, ...aliases].map((long) => `--${long}`),
      ...[char, ...charAliases].map((short) => `-${short}`),
    ])
    expect(used.filter((word) => !known.includes(word.split('=')[0]!))).toEqual([])
  })
})

test('the exit codes', () => {
  const table = /## Exit codes\n([\s\S]*?)\n## /.exec(readme)![1]!
  const documented = [...table.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  const codes = [
    'failed',
    'bad-reply',
    'usage',
    'not-found',
    'permission-denied',
    'unauthenticated',
    'ambiguous',
    'invalid-input',
    'already-exists',
    'unreachable',
    'timeout',
    'unsupported-by-server',
    'needs-confirmation',
    'partial',
    'wait-timeout',
    'cancelled',
  ] as const
  const used = new Set(codes.map((code) => new HeadscaleError(code, '').exitCode))
  expect(documented).toEqual([0, ...used].toSorted((a, b) => a - b))
})
