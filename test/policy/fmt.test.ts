/** `policy fmt`: what it prints and writes, and when it fails. test/real/policy compares its bytes with hujsonfmt. */
import {chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {formatPolicy} from '../../src/policy/format/format.ts'
import {runChild, runHere, scratchFiles} from '../support/program.ts'

const MESSY = '{"acls":[\n// all\n{"action":"accept","src":["*"],"dst":["*:*"]}],"groups":{}}'
const NEAT = `{
	"acls": [
		// all
		{"action": "accept", "src": ["*"], "dst": ["*:*"]},
	],
	"groups": {},
}
`

let {folder, file} = scratchFiles()
beforeEach(() => {
  ;({folder, file} = scratchFiles())
})

describe('policy fmt', () => {
  test('prints the formatted text and changes nothing', async () => {
    const path = file('policy.hujson', MESSY)
    expect(await runHere(['policy', 'fmt', path])).toEqual({status: 0, stdout: formatPolicy(MESSY, path), stderr: ''})
    expect(readFileSync(path, 'utf8')).toBe(MESSY)
  })

  test('reads standard input', async () => {
    const {status, stdout} = await runChild('npm program', ['policy', 'fmt', '-'], {input: NEAT})
    expect([status, stdout]).toEqual([0, NEAT])
  })

  test('--write rewrites what is not formatted, with its mode and through a link', async () => {
    const path = file('policy.hujson', MESSY)
    chmodSync(path, 0o640)
    symlinkSync(path, join(folder, 'link'))
    const neat = file('neat.hujson', NEAT)
    const before = statSync(neat)
    const outcome = await runHere(['policy', 'fmt', '-w', join(folder, 'link'), neat])
    expect(outcome).toEqual({status: 0, stdout: `formatted ${folder}/link\n`, stderr: ''})
    expect(readFileSync(path, 'utf8')).toBe(formatPolicy(MESSY, path))
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(statSync(neat).mtimeMs).toBe(before.mtimeMs)
    expect(readdirSync(folder).sort()).toEqual(['link', 'neat.hujson', 'policy.hujson'])
  })

  test('--check names files that are not formatted and exits with 6', async () => {
    const [messy, neat] = [file('messy.hujson', MESSY), file('neat.hujson', NEAT)]
    expect(await runHere(['policy', 'fmt', '--check', messy, neat])).toEqual({
      status: 6,
      stdout: `${messy}\n`,
      stderr: '',
    })
    expect(await runHere(['policy', 'fmt', '--check', neat])).toEqual({status: 0, stdout: '', stderr: ''})
    const {status, stdout} = await runHere(['policy', 'fmt', '--check', messy, '-o', 'json'])
    expect([status, JSON.parse(stdout)]).toEqual([6, [{file: messy, formatted: false, text: formatPolicy(MESSY, '')}]])
  })

  test('writes no file when one of them is not HuJSON', async () => {
    const [good, bad] = [file('good.hujson', MESSY), file('bad.hujson', '{\n  "acls": [,]\n}')]
    expect(await runHere(['policy', 'fmt', '--write', good, bad])).toEqual({
      status: 6,
      stdout: '',
      stderr: `error: ${bad}:2:12: expected a value, got ','\nhint: fix the file at this position\n`,
    })
    expect(readFileSync(good, 'utf8')).toBe(MESSY)
  })

  test.for([
    [[], 'no file is given'],
    [['a', 'b'], 'one file can be printed'],
    [['-w', '-'], '--write cannot write to standard input'],
    [['/no/such/file'], 'cannot read /no/such/file: no such file'],
  ] as const)('rejects %j', async ([words, message]) => {
    const {status, stdout, stderr} = await runHere(['policy', 'fmt', ...words])
    expect([status, stdout, stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`])
    expect(existsSync(join(folder, 'a'))).toBe(false)
  })
})

describe('the format', () => {
  test.for([
    ['an object on one line stays on it', '{ "a" : 1 ,"b":[ 1,2 ] , }', '{"a": 1, "b": [1, 2]}\n'],
    [
      'values of neighbouring lines are aligned',
      '{\n"a":1,"long":2,\n"longer":3}',
      '{\n\t"a":      1,\n\t"long":   2,\n\t"longer": 3\n}\n',
    ],
    ['a blank line starts a new block', '{\n"a":1,\n\n\n"longer":2}', '{\n\t"a": 1,\n\n\t"longer": 2\n}\n'],
    ['plain JSON stays plain JSON', '[\n1,\n2]', '[\n\t1,\n\t2\n]\n'],
    ['trailing commas come with comments', '[\n1, // one\n2]', '[\n\t1, // one\n\t2,\n]\n'],
    ['escapes that are not needed are removed', '"\\u0061\\/\\u001f"', '"a/\\u001f"\n'],
    ['wide objects are expanded', `{"a":"${'x'.repeat(80)}"}`, `{\n\t"a": "${'x'.repeat(80)}"\n}\n`],
    [
      'lines of a comment move together',
      '[\n/*\n    one\n      two\n    */\n1]',
      '[\n\t/*\n\tone\n\t  two\n\t*/\n\t1,\n]\n',
    ],
    ['Windows line endings are removed', '{\r\n"a":1,\r\n}\r\n', '{\n\t"a": 1,\n}\n'],
    ['a comment at the end gets its line feed', '{} // end', '{} // end\n'],
  ] as const)('%s', ([, text, expected]) => {
    expect(formatPolicy(text, 'policy')).toBe(expected)
    expect(formatPolicy(expected, 'policy')).toBe(expected)
  })

  test('a text that is too deep is rejected', () => {
    expect(() => formatPolicy('['.repeat(1_000_000), 'policy')).toThrow(
      'policy:1:202: the text is more than 200 levels deep',
    )
  })
})
