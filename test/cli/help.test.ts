/** Help of the program, of every topic and of every command, as printed. A lost flag, alias or example fails here. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {COMMAND_TABLE} from '../../src/cli/command-table.ts'
import {TOPICS} from '../../src/cli/args/aliases.ts'
import {GROUPS} from '../../src/cli/help/program-help.ts'
import {EXIT_CODE_MEANINGS, HELP_TOPICS} from '../../src/cli/help/topics.ts'
import {ROOT} from '../support/paths.ts'
import {PROGRAM_NAMES, runChild, runHere} from '../support/program.ts'

const ids = Object.keys(COMMAND_TABLE)
const topics = Object.keys(TOPICS).filter((topic) => ids.some((id) => id.startsWith(`${topic}:`)))

test('of the program', async () => {
  const {status, stdout, stderr} = await runHere([])
  await expect(stdout).toMatchFileSnapshot('../golden/help/program.txt')
  expect([status, stderr]).toEqual([0, ''])
  for (const argv of [['--help'], ['-h'], ['help']]) {
    expect(await runHere(argv)).toEqual({status, stdout, stderr})
  }
})

describe('of topics', () => {
  test.for(topics)('%s', async (topic) => {
    const {status, stdout, stderr} = await runHere([topic])
    await expect(stdout).toMatchFileSnapshot(`../golden/help/${topic}.txt`)
    expect([status, stderr]).toEqual([0, ''])
    expect(await runHere([topic, '--help'])).toEqual({status, stdout, stderr})
    expect(await runHere(['help', topic])).toEqual({status, stdout, stderr})
    expect(await runHere([topic, 'help'])).toEqual({status, stdout, stderr})
  })
})

describe('of commands', () => {
  test.for(ids)('%s', async (id) => {
    const words = id.split(':')
    const {status, stdout, stderr} = await runHere([...words, '--help'])
    await expect(stdout).toMatchFileSnapshot(`../golden/help/${words.join('-')}.txt`)
    expect([status, stderr]).toEqual([0, ''])
    expect(await runHere(['help', ...words])).toEqual({status, stdout, stderr})
    expect(await runHere([...words, '-h'])).toEqual({status, stdout, stderr})
  })
})

test.for(Object.keys(HELP_TOPICS))('of %s', async (topic) => {
  const {status, stdout, stderr} = await runHere(['help', topic])
  await expect(stdout).toMatchFileSnapshot(`../golden/help/${topic}.txt`)
  expect([status, stderr]).toEqual([0, ''])
})

test('the first page lists every command', () => {
  const firstWords = new Set(ids.map((id) => id.split(':')[0]!))
  expect([...firstWords].filter((word) => !Object.values(GROUPS).flat().includes(word))).toEqual([])
})

test('exit codes have the meanings of README.md', () => {
  const table = readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^\| (\d+) \| (.*?) \|$/gm)
  expect(Object.fromEntries([...table].map(([, code, meaning]) => [code, meaning]))).toEqual(EXIT_CODE_MEANINGS)
})

test.for([...ids, ...Object.keys(HELP_TOPICS), ''])('of "%s" fits a terminal, examples aside', async (page) => {
  const {stdout} = await runHere(['help', ...page.split(':').filter(Boolean)])
  const long = stdout.split('\n').filter((line) => line.length > 80 && !/^ {2}(\$|headscale-ts)/.test(line))
  expect(long).toEqual([])
})

test.for(PROGRAM_NAMES)('the %s prints the same', async (program) => {
  for (const argv of [[], ['nodes'], ['nodes', 'register', '--help']]) {
    const [here, child] = [await runHere(argv), await runChild(program, argv)]
    expect(child.stdout).toBe(here.stdout)
    expect([child.status, child.stderr]).toEqual([0, ''])
  }
})

test('needs no required flags and no server', async () => {
  const outcome = await runHere(['nodes', 'register', '--bogus', '--help'], {
    env: {HEADSCALE_CLI_ADDRESS: 'http://127.0.0.1:1'},
  })
  expect([outcome.status, outcome.stderr]).toEqual([0, ''])
})
