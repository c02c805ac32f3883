import {execFileSync} from 'node:child_process'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createFakeHost, KEY, failure, remote, type FakeHost} from './fake-host.ts'

let host: FakeHost
beforeEach(() => {
  host = createFakeHost()
})
afterEach(() => host.remove())

const HINT = 'give only the key, as "headscale apikeys create" prints it'
const FILE_HINT = 'name a file that contains only the key'

/** Invalid keys, and the reason in the error. All contain the word "secret", which no message may repeat. */
const BAD_KEYS = [
  ['sec\nret-secret', 'it contains a line break', HINT],
  ['secret\r\nX-Other: secret', 'it contains a line break', HINT],
  ['sec\tret-secret', 'it contains a control character', HINT],
  ['secret\u001b[31m', 'it contains a control character', HINT],
  ['sec ret-secret', 'it contains white space', HINT],
  ['secret\u2026', 'it contains a character that is not ASCII', HINT],
  ['Bearer secret', 'it starts with "Bearer"', 'remove that word; it is added when sending'],
] as const

describe('a key that cannot be sent', () => {
  test.for(BAD_KEYS)('in the environment: %j', async ([key, reason, hint]) => {
    expect(await host.resolve({address: 'h'}, {HEADSCALE_CLI_API_KEY: key})).toEqual(
      failure(`invalid API key from HEADSCALE_CLI_API_KEY: ${reason}`, hint),
    )
  })

  test.for(BAD_KEYS)('in a file: %j', async ([key, reason, hint]) => {
    host.write('cwd/key', `${key}\n`, 0o600)
    expect(await host.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(
      failure(`invalid API key from ~/cwd/key: ${reason}`, hint),
    )
  })

  test.for(BAD_KEYS)('in the config file: %j', async ([key, reason, hint]) => {
    host.write('etc/config.json', JSON.stringify({cli: {address: 'h', api_key: key}}))
    expect(await host.resolve()).toEqual(
      failure(`invalid API key from cli.api_key in ~/etc/config.json: ${reason}`, hint),
    )
  })
})

describe('--api-key-file', () => {
  test.for(['\n', '\r\n', '\n\n', '', ' \n'])('white space at the end is dropped: %j', async (end) => {
    host.write('cwd/key', KEY + end, 0o600)
    expect(await host.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(remote('https://h/', '--address'))
  })

  test.for([
    [0o644, '0644'],
    [0o640, '0640'],
    [0o604, '0604'],
  ] as const)('that others can read: %o', async ([mode, shown]) => {
    host.write('cwd/key', KEY, mode)
    expect(await host.resolve({address: 'h', apiKeyFile: 'key'})).toEqual({
      ...remote('https://h/', '--address'),
      warnings: [
        `other users can read the API key in the API key file ~/cwd/key (mode ${shown}): restrict it with chmod 600`,
      ],
    })
  })

  test.for([0o600, 0o400, 0o711])('that others cannot read: %o', async (mode) => {
    host.write('cwd/key', KEY, mode)
    expect(await host.resolve({address: 'h', apiKeyFile: 'key'})).toEqual(remote('https://h/', '--address'))
  })

  test('that is empty, missing, a folder, too large, not text', async () => {
    const ask = (apiKeyFile: string) => host.resolve({address: 'h', apiKeyFile})
    const cannot = (path: string, words: string) =>
      failure(`cannot read the API key file ${path} (--api-key-file): ${words}`, FILE_HINT)
    host.write('cwd/empty', '\n', 0o600)
    host.write('cwd/large', 'x'.repeat(16_385), 0o600)
    host.write('cwd/binary', Buffer.from([0xff, 0xfe, 0x41, 0x00]), 0o600)
    expect(await ask('empty')).toEqual(failure('invalid API key from ~/cwd/empty: it is empty', HINT))
    expect(await ask('missing')).toEqual(cannot('~/cwd/missing', 'no such file'))
    expect(await ask('.')).toEqual(cannot('~/cwd', 'it is a directory'))
    expect(await ask('large')).toEqual(cannot('~/cwd/large', 'it is larger than 16 KiB'))
    expect(await ask('binary')).toEqual(cannot('~/cwd/binary', 'it is not UTF-8 text'))
  })

  test('a pipe is read to its end, without a warning about its mode', async () => {
    const fifo = `${host.root}/cwd/fifo`
    execFileSync('mkfifo', ['-m', '644', fifo])
    execFileSync('sh', ['-c', `printf '%s\\n' "$KEY" > "$FIFO" &`], {env: {KEY, FIFO: fifo}, stdio: 'ignore'})
    expect(await host.resolve({address: 'h', apiKeyFile: 'fifo'})).toEqual(remote('https://h/', '--address'))
  })

  test('- reads standard input, and only then', () => {
    const ask = (stdin: string, apiKeyFile?: string) =>
      host.resolveApart({address: 'h', ...(apiKeyFile === undefined ? {} : {apiKeyFile})}, {}, {stdin})
    expect(ask(`${KEY}\n`, '-')).toEqual(remote('https://h/', '--address'))
    expect(ask('', '-')).toEqual(failure('invalid API key from standard input: it is empty', HINT))
    expect(ask('secret\nsecret\n', '-')).toEqual(
      failure('invalid API key from standard input: it contains a line break', HINT),
    )
    expect(ask('x'.repeat(20_000), '-')).toEqual(
      failure('standard input is larger than 16 KiB (--api-key-file -)', HINT),
    )
    expect(ask(`${KEY}\n`)).toMatchObject({error: 'no API key for h, the address from --address'})
  })
})
