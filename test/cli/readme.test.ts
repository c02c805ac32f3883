/**
 * README.md and docs/ are correct: every line they show, in a block or in the text, is a command with existing flags, and so
 * are the exit codes. test/e2e/docs.test.ts runs the blocks.
 */
import {globSync, readFileSync} from 'node:fs'
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

/** Commands in code blocks, without what follows them in the shell, and commands in the text. */
function linesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^> ?/gm, '')
  const shown = [
    ...[...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block!.split('\n')),
    ...[...text.matchAll(/`(headscale-ts [^`\n]*)`/g)].map(([, line]) => line!),
  ]
  return shown
    .map((line) => line.replace(/^(?:\$ |npx |KEY=\$\()/, ''))
    .filter(
      (line) =>
        /^headscale-ts [a-z-]/.test(line) &&
        !/^headscale-ts (?:(?:[a-z]+ )*--help|help .*|COMMAND .*|[a-z-]+)$/.test(line),
    )
}

/** The words of the first command of a line. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [, quoted, single, operator, plain] of line.matchAll(
    /"([^"]*)"|'([^']*)'|(\s#|[|<>;&)])|([^\s"'|<>;&)]+)/g,
  )) {
    if (operator !== undefined) break
    words.push(quoted ?? single ?? plain!)
  }
  return words
}

const pages = ['README.md', ...globSync('docs/**/*.md', {cwd: ROOT}).toSorted()]

test('README.md has such lines', () => {
  expect(linesOf('README.md').length).toBeGreaterThan(15)
})

describe.for(pages.filter((page) => !page.includes('decisions') && linesOf(page).length > 0))(
  'the lines of %s',
  (page) => {
    test.for([...new Set(linesOf(page))])('%s', (line) => {
      const argv = wordsOf(line).slice(1)
      const found = resolveArgv(argv, Object.keys(commands))
      expect(found.kind).toBe('command')
      if (found.kind !== 'command') return
      const end = found.rest.indexOf('--')
      const used = (end === -1 ? found.rest : found.rest.slice(0, end)).filter(
        (word, i, all) => /^-./.test(word) && all[i - 1] !== '--sort',
      )
      const known = Object.values(commands[found.id]!.flags).flatMap(({name, char, charAliases = [], aliases = []}) => [
        ...[name, ...aliases].map((long) => `--${long}`),
        ...[char, ...charAliases].map((short) => `-${short}`),
      ])
      expect(used.filter((word) => !known.includes(word.split('=')[0]!))).toEqual([])
    })
  },
)

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
