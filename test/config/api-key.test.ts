import {execFileSync} from 'node:child_process'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createWorld, KEY, refusal, remote, type World} from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())

const HINT = 'give the key alone, as "apikeys create" printed it'
const FILE_HINT = 'name a file that holds the key alone'

/** Texts that are no key, and what is said about them. All hold the word "secret", which no message may repeat. */
const BAD_KEYS = [
  ['sec\nret-secret', 'contains a line break', HINT],
  ['secret\r\nX-Other: secret', 'contains a line break', HINT],
  ['sec\tret-secret', 'contains a control character', HINT],
  ['secret\u001b[31m', 'contains a control character', HINT],
  ['sec ret-secret', 'contains white space', HINT],
  ['secret\u2026', 'contains a character that is not ASCII', HINT],
  ['Bearer secret', 'starts with "Bearer"', 'leave that word out: it is added when sending'],
] as const

describe('a key that cannot be sent', () => {
  test.for(BAD_KEYS)('in the environment: %j', async ([key, words, hint]) => {
    expect(await world.resolve({address: 'h'}, {HEADSCALE_CLI_API_KEY: key})).toEqual(
      refusal(`the API key from HEADSCALE_CLI_API_KEY ${words}`, hint),
    )
  })

  test.for(BAD_KEYS)('in a file: %j', async ([key, words, hint]) => {
    world.write('cwd/key', `${key}\n`, 0o600)
    expect(await world.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(
      refusal(`the API key from ~/cwd/key ${words}`, hint),
    )
  })

  test.for(BAD_KEYS)('in the config file: %j', async ([key, words, hint]) => {
    world.write('etc/config.json', JSON.stringify({cli: {address: 'h', api_key: key}}))
    expect(await world.resolve()).toEqual(refusal(`the API key from cli.api_key in ~/etc/config.json ${words}`, hint))
  })
})

describe('--api-key-file', () => {
  test.for(['\n', '\r\n', '\n\n', '', ' \n'])('white space at the end is dropped: %j', async (end) => {
    world.write('cwd/key', KEY + end, 0o600)
    expect(await world.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(remote('https://h/', '--address'))
  })

  test.for([
    [0o644, '0644'],
    [0o640, '0640'],
    [0o604, '0604'],
  ] as const)('that others can read: %o', async ([mode, shown]) => {
    world.write('cwd/key', KEY, mode)
    expect(await world.resolve({address: 'h', apiKeyFile: 'key'})).toEqual({
      ...remote('https://h/', '--address'),
      warnings: [`the key file ~/cwd/key can be read by other users (mode ${shown}): chmod 600 keeps it yours`],
    })
  })

  test.for([0o600, 0o400, 0o711])('that others cannot read: %o', async (mode) => {
    world.write('cwd/key', KEY, mode)
    expect(await world.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(remote('https://h/', '--address'))
  })

  test('that is empty, missing, a folder, too large, not text', async () => {
    const ask = (apiKeyFile: string) => world.resolve({address: 'h', apiKeyFile})
    const cannot = (path: string, words: string) =>
      refusal(`cannot read the key file ${path} (--api-key-file): ${words}`, FILE_HINT)
    world.write('cwd/empty', '\n', 0o600)
    world.write('cwd/large', 'x'.repeat(16_385), 0o600)
    world.write('cwd/binary', Buffer.from([0xff, 0xfe, 0x41, 0x00]), 0o600)
    expect(await ask('empty')).toEqual(refusal('the API key from ~/cwd/empty is empty', HINT))
    expect(await ask('missing')).toEqual(cannot('~/cwd/missing', 'no such file'))
    expect(await ask('.')).toEqual(cannot('~/cwd', 'it is a folder'))
    expect(await ask('large')).toEqual(cannot('~/cwd/large', 'it is larger than 16 KiB'))
    expect(await ask('binary')).toEqual(cannot('~/cwd/binary', 'it is not UTF-8 text'))
  })

  test('a pipe: its end is waited for, its mode is nobody else’s business', async () => {
    const fifo = `${world.root}/cwd/fifo`
    execFileSync('mkfifo', ['-m', '644', fifo])
    execFileSync('sh', ['-c', `printf '%s\\n' "$KEY" > "$FIFO" &`], {env: {KEY, FIFO: fifo}, stdio: 'ignore'})
    expect(await world.resolve({address: 'h', apiKeyFile: 'fifo'})).toEqual(remote('https://h/', '--address'))
  })

  test('- reads standard input, and only then', () => {
    const ask = (stdin: string, apiKeyFile?: string) =>
      world.resolveApart({address: 'h', ...(apiKeyFile === undefined ? {} : {apiKeyFile})}, {}, {stdin})
    expect(ask(`${KEY}\n`, '-')).toEqual(remote('https://h/', '--address'))
    expect(ask('', '-')).toEqual(refusal('the API key from standard input is empty', HINT))
    expect(ask('secret\nsecret\n', '-')).toEqual(refusal('the API key from standard input contains a line break', HINT))
    expect(ask('x'.repeat(20_000), '-')).toEqual(
      refusal('standard input is larger than 16 KiB (--api-key-file -)', HINT),
    )
    expect(ask(`${KEY}\n`)).toMatchObject({error: 'no API key for h, the address from --address'})
  })
})
