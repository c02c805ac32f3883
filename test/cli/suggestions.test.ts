/** Suggestions for a mistyped command: the nearest command, but never one that changes something else by a guess. */
import {describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'

async function message(line: string): Promise<string[]> {
  const {status, stdout, stderr} = await runHere(line.split(' '))
  expect([status, stdout]).toEqual([2, ''])
  return stderr
    .trimEnd()
    .split('\n')
    .map((text) => text.replace(/^(error|hint): /, ''))
}

describe('suggests', () => {
  test.for([
    ['nodes lsit', 'nodes list'],
    ['nodes delte', 'nodes delete'],
    ['nodes registr', 'nodes register'],
    ['ndoes list', 'nodes'],
    ['users creat bob', 'users create'],
    ['derp valdate', 'derp validate'],
    ['preauthkey lst', 'preauthkeys list'],
  ])('%s', async ([line, offer]) => {
    expect((await message(line!))[1]).toBe(`did you mean: headscale-ts ${offer}`)
  })
})

describe('suggests no command that changes something for a different word', () => {
  test.for(['nodes untag', 'nodes unregister', 'nodes ove', 'routes undelete', 'users unrename'])('%s', async (line) =>
    expect((await message(line))[1]).toBe(`see: headscale-ts ${line.split(' ')[0]} --help`),
  )
})

describe('says what is wrong', () => {
  test.for([
    ['--bogus', 'unknown flag --bogus', 'see: headscale-ts --help'],
    ['--bogus nodes list', 'unknown flag --bogus', 'see: headscale-ts --help'],
    ['nodes --bogus', 'unknown flag --bogus', 'see: headscale-ts --help'],
    ['--config f', 'no command given', 'see: headscale-ts --help'],
    ['-u alice', 'no command given', 'see: headscale-ts --help'],
    ['nodes -u alice', '"nodes" needs a subcommand', 'see: headscale-ts nodes --help'],
    ['nodes list --bogus', 'unknown flag --bogus', 'see: headscale-ts nodes list --help'],
    ['nodes list --usr a', 'unknown flag --usr', 'did you mean --user? see: headscale-ts nodes list --help'],
    [
      'setup check --release 0.28',
      'unknown flag --release',
      'did you mean --for? see: headscale-ts setup check --help',
    ],
    [
      'sandbox run ./my-script.sh',
      'unexpected argument "./my-script.sh"',
      'put -- before the command to run; usage: headscale-ts sandbox run [--release RELEASE] [--rest] [--seed FILE] -- COMMAND [ARGUMENT…]',
    ],
    [
      'nodes tag web tag:prod',
      'no tags given',
      '"tag:prod" is read as a node: use --add or --remove, -t for all tags, or --clear',
    ],
    ['nodes list -qx', 'unknown flag -q', 'see: headscale-ts nodes list --help'],
    ['nodes list x', 'unexpected argument "x"', 'see: headscale-ts nodes list --help'],
    [
      'apikeys expire -Zabc',
      'unknown flag -Z',
      'put -- before a value that starts with -; see: headscale-ts apikeys expire --help',
    ],
    [
      'nodes list -o xml',
      'invalid value "xml" for --output',
      'expected one of: json, json-line, yaml, wide, csv, tsv, name, id, jsonpath=EXPR',
    ],
    ['nodes show web -o csv', 'invalid value "csv" for --output', 'expected one of: json, json-line, yaml'],
    [
      'generate private-key',
      '"generate" is a command of the headscale server',
      'run it with the headscale binary on the server: headscale generate private-key',
    ],
    ...[
      'serve',
      'configtest',
      'dumpConfig',
      'dumpconfig',
      'gen',
      'mockoidc',
      'help serve',
      '-c x serve',
      'serve --help',
    ].map((line) => [
      line,
      expect.stringMatching(/^"\w+" is a command of the headscale server$/) as unknown as string,
      expect.stringMatching(/^run it with the headscale binary on the server: headscale \w/) as unknown as string,
    ]),
    [
      'policy get --bypass-grpc-and-access-database-directly',
      "--bypass-grpc-and-access-database-directly needs access to the server's database",
      'use headscale itself for that, on the machine of the server',
    ],
  ])('%s', async ([line, ...expected]) => expect(await message(line!)).toEqual(expected))
})

describe('does not repeat keys', () => {
  const key = 'hskey-api-Ab3dEf5hIjKl-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01'
  test.for([
    `nodes ${key}`,
    `${key}`,
    `nodes list ${key}`,
    `nodes list -o ${key}`,
    `nodes list --${key}`,
    `nodes list -Q${key}`,
  ])('%s', async (line) => {
    const text = (await message(line)).join('\n')
    expect(text).not.toContain('Ab3dEf5')
    expect(text).not.toContain('0123456789')
  })
})

test('rejects arguments that are not UTF-8', async () => {
  for (const word of ['caf\ud800', 'caf\ufffd'])
    expect(await runHere(['users', 'create', word])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: argument 3 is not valid UTF-8\n',
    })
})
