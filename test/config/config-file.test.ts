import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync} from 'node:fs'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {BUN, createFakeHost, KEY, failure, remote, socket, type FakeHost} from './fake-host.ts'
import {outcomeOf} from './outcome.ts'

let host: FakeHost
beforeEach(() => {
  host = createFakeHost()
})
afterEach(() => host.remove())

const DEFAULT = socket('~/run/headscale/headscale.sock', 'the default location')

describe('which file is read', () => {
  test('folder by folder, name by name', async () => {
    const files = ['etc/config', 'home/.headscale/config', 'cwd/config'].flatMap((stem) =>
      ['yaml', 'yml', 'json'].map((extension) => `${stem}.${extension}`),
    )
    for (const file of files.toReversed()) {
      host.write(file, '{"unix_socket": "/s"}')
      expect(await host.resolve()).toEqual(socket('/s', `unix_socket in ~/${file}`))
    }
  })

  test('without a home folder', async () => {
    host.write('cwd/config.yaml', 'unix_socket: /s')
    expect(await outcomeOf({}, {...host.configHost(), home: null})).toMatchObject({target: {path: '/s'}})
  })

  test('a named file instead of those in the default locations: flag over environment', async () => {
    host.write('etc/config.yaml', 'unix_socket: /etc')
    host.write('cwd/one.conf', 'unix_socket: /one')
    host.write('cwd/two', 'unix_socket: /two')
    expect(await host.resolve({config: 'one.conf'}, {HEADSCALE_CONFIG: 'two'})).toEqual(
      socket('/one', 'unix_socket in ~/cwd/one.conf'),
    )
    expect(await host.resolve({}, {HEADSCALE_CONFIG: 'two'})).toEqual(socket('/two', 'unix_socket in ~/cwd/two'))
    host.write('cwd/silent', 'server_url: x')
    expect(await host.resolve({config: 'silent'})).toEqual(DEFAULT)
  })

  test('ignores a named pipe with that name and does not wait for it', async () => {
    execFileSync('mkfifo', [`${host.root}/cwd/config.yaml`])
    expect(await host.resolve()).toEqual(DEFAULT)
  })

  test('ignores a folder of that name', async () => {
    mkdirSync(`${host.root}/etc/config.yaml`)
    host.write('etc/config.yml', 'unix_socket: /s')
    expect(await host.resolve()).toEqual(socket('/s', 'unix_socket in ~/etc/config.yml'))
  })
})

describe('what is read', () => {
  const source = 'cli.address in ~/etc/config.yaml'
  const CASES = [
    [
      'plain',
      `cli:\n  address: h:8443\n  api_key: ${KEY}\n  timeout: 3s\n`,
      remote('https://h:8443/', source, {timeoutMs: 3_000}),
    ],
    ['keys in any case', `CLI:\n  Address: h\n  API_Key: ${KEY}\n`, remote('https://h/', source)],
    ['socket in any case', 'Unix_Socket: /s\n', socket('/s', 'unix_socket in ~/etc/config.yaml')],
    ['of two the last', 'unix_socket: /a\nUNIX_SOCKET: /b\n', socket('/b', 'unix_socket in ~/etc/config.yaml')],
    ['repeated key', 'unix_socket: /a\nunix_socket: /b\n', socket('/b', 'unix_socket in ~/etc/config.yaml')],
    [
      'a merged mapping',
      `base: &base\n  api_key: ${KEY}\ncli:\n  <<: *base\n  address: h\n`,
      remote('https://h/', source),
    ],
    [
      'first of two documents',
      'unix_socket: /a\n---\nunix_socket: /b\n',
      socket('/a', 'unix_socket in ~/etc/config.yaml'),
    ],
    ['byte order mark', '\uFEFFunix_socket: /s\n', socket('/s', 'unix_socket in ~/etc/config.yaml')],
    [
      'a bare timeout is seconds',
      'unix_socket: /s\ncli: {timeout: 5}\n',
      socket('/s', 'unix_socket in ~/etc/config.yaml', {timeoutMs: 5_000}),
    ],
    ['insecure: no', `cli: {address: h, api_key: ${KEY}, insecure: no}\n`, remote('https://h/', source)],
    ['insecure: 0', `cli: {address: h, api_key: ${KEY}, insecure: 0}\n`, remote('https://h/', source)],
    ['empty file', '', DEFAULT],
    ['only a comment', '# nothing\n', DEFAULT],
    ['empty cli', 'cli:\n', DEFAULT],
    ['empty values', 'cli:\n  address: ""\n  api_key:\n  timeout: ~\n  insecure:\nunix_socket: ""\n', DEFAULT],
    [
      'the rest may be anything',
      'derp: [1, {a: !!binary x, ? [b] : c}]\nacl: |\n  ]\nunix_socket: /s\n',
      socket('/s', 'unix_socket in ~/etc/config.yaml'),
    ],
  ] as const

  test.for(CASES)('%s', async ([, text, outcome]) => {
    host.write('etc/config.yaml', text)
    expect(await host.resolve()).toEqual(outcome)
  })

  test('is the same under Bun, which has its own parser', () => {
    host.write('etc/config.yaml', '', 0o600)
    const texts = CASES.map(([, text]) => text)
    const outcomes = host.resolveTexts('etc/config.yaml', texts, {runtime: BUN})
    for (const [index, [name, , outcome]] of CASES.entries()) expect(outcomes[index], name).toEqual(outcome)
  })

  test('JSON, with tabs', async () => {
    host.write('etc/config.json', `{\n\t"cli": {\n\t\t"address": "h",\n\t\t"api_key": "${KEY}"\n\t}\n}\n`)
    expect(await host.resolve()).toEqual(remote('https://h/', 'cli.address in ~/etc/config.json'))
  })

  test.for(['true', 'yes', 'On', '1', 't', '"TRUE"'])('insecure: %s is on', async (word) => {
    host.write('etc/config.yaml', `cli: {address: h, api_key: ${KEY}, insecure: ${word}}\n`)
    expect(await host.resolve()).toMatchObject({target: {insecure: true}})
  })
})

describe('an invalid file', () => {
  const broken = 'fix that line, or name the server with --address or --socket'
  const quote = 'put the value in double quotes'
  // Each holds the word "secret" where the parser stumbles; no message repeats it.
  const CASES = [
    [
      'a: 1\nb: c: secret\n',
      '2:4: invalid YAML: a second key on the same line, or a value with a colon that must be quoted',
      broken,
    ],
    ['cli:\n\tapi_key: secret\n', '2:1: invalid YAML: tab in the indentation; YAML allows only spaces', broken],
    [
      'cli:\n  api_key: @secret\n',
      '2:12: invalid YAML: a value that starts with a reserved character must be quoted',
      broken,
    ],
    [
      'cli:\n  api_key: *secret\n',
      '2:12: invalid YAML: alias (*) without its anchor (&)',
      'a value that starts with * must be quoted',
    ],
    ['cli:\n  api_key: "secret\n', '3:1: invalid YAML: missing colon, comma, quote or bracket', broken],
    ['cli:\n  api_key: "a" secret\n', '2:16: invalid YAML: unexpected text', broken],
    [
      'cli:\n  api_key: "\\secret"\n',
      '2:13: invalid YAML: unknown escape sequence after a backslash in double quotes',
      broken,
    ],
    ['derp: [secret\nb: 2\n', '2:1: invalid YAML: wrong indentation, or an unclosed bracket', broken],
    ['derp:\n  a: 1\n b: secret\n', '3:1: invalid YAML: wrong indentation, or an unclosed bracket', broken],
    ['secret\n', '1:1: expected a mapping of keys to values', "name headscale's own config file"],
    ['# list\n- secret\n', '2:1: expected a mapping of keys to values', "name headscale's own config file"],
    [
      'cli: secret\n',
      '1:6: invalid cli: expected a mapping of keys to values',
      'write its keys on separate, indented lines',
    ],
    ['cli:\n  address: [secret]\n', '2:12: invalid cli.address: expected a string', quote],
    ['a: 1\nCLI:\n  API_KEY: 1234567\n', '3:12: invalid cli.api_key: expected a string', quote],
    ['cli: {address: 1, insecure: false}\n', '1:16: invalid cli.address: expected a string', quote],
    ['unix_socket: {a: secret}\n', '1:14: invalid unix_socket: expected a string', quote],
    ['cli:\n  insecure: secret\n', '2:13: invalid cli.insecure: expected true or false', 'write true or false'],
    ['cli:\n  insecure: [true]\n', '2:13: invalid cli.insecure: expected true or false', 'write true or false'],
    [
      'cli:\n  timeout: 5 s\n',
      '2:12: invalid cli.timeout: invalid duration "5 s"',
      'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)',
    ],
    ['cli:\n  timeout: 0\n', '2:12: invalid cli.timeout: the timeout must be more than 0', 'the default is 30s'],
    ['cli:\n  timeout: [5]\n', '2:12: invalid cli.timeout: expected a duration', 'for example 30s or 1m30s'],
  ] as const

  test.for(CASES)('%j', async ([text, message, hint]) => {
    host.write('etc/config.yaml', text)
    expect(await host.resolve()).toEqual(failure(`~/etc/config.yaml:${message}`, hint))
    host.write('cwd/named.yaml', text)
    expect(await host.resolve({config: 'named.yaml'})).toEqual(failure(`~/cwd/named.yaml:${message}`, hint))
  })

  test('gives the same messages under Bun', () => {
    host.write('etc/config.yaml', '', 0o600)
    const texts = CASES.map(([text]) => text)
    expect(host.resolveTexts('etc/config.yaml', texts, {runtime: BUN})).toEqual(
      CASES.map(([, message, hint]) => failure(`~/etc/config.yaml:${message}`, hint)),
    )
  })

  // Each took minutes or gigabytes, or ended the process, when the whole text was read before the first error.
  test.for([
    ['commas', `[${','.repeat(131_072)}]`, '1:3: invalid YAML: unexpected text'],
    ['open brackets', '{'.repeat(131_072), '1:201: invalid YAML: nested too deeply'],
    [
      'bad lines',
      'a: b: c\n'.repeat(16_384),
      '1:4: invalid YAML: a second key on the same line, or a value with a colon that must be quoted',
    ],
    ['aliases', `- &a x\n${'- *a\n'.repeat(50_000)}`, '1002:3: invalid YAML: more than 1000 aliases'],
    [
      'aliases of aliases',
      `a0: &a0 [x, x]\n${Array.from({length: 60}, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
      '1:1: invalid YAML: too many values',
    ],
  ] as const)('is rejected in limited time and memory: %s', async ([, text, message]) => {
    host.write('cwd/large.yaml', text)
    const start = process.cpuUsage()
    const before = process.memoryUsage().rss
    expect(await host.resolve({config: 'large.yaml'})).toEqual(failure(`~/cwd/large.yaml:${message}`, broken))
    const {user, system} = process.cpuUsage(start)
    expect((user + system) / 1e6).toBeLessThan(5)
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(400)
  })

  test('JSON', async () => {
    host.write('etc/config.json', '{\n  "cli": {"address": "h" "api_key": "secret"}\n}\n')
    expect(await host.resolve()).toEqual(failure('~/etc/config.json:2:26: invalid JSON: unexpected text', broken))
  })
})

describe('a file that other users can read', () => {
  const warning = (path: string, mode: string) =>
    `other users can read the API key in the config file ${path} (mode ${mode}): restrict it with chmod 600`

  test('gets a warning if it contains a key', async () => {
    for (const mode of [0o644, 0o640, 0o604]) {
      const text = `cli: {address: h, api_key: ${KEY}}\n`
      host.write('etc/config.yaml', text, mode)
      expect(await host.resolve()).toEqual({
        ...remote('https://h/', 'cli.address in ~/etc/config.yaml'),
        warnings: [warning('~/etc/config.yaml', `0${mode.toString(8)}`)],
      })
      host.write('cwd/named', text, mode)
      expect(await host.resolve({config: 'named'})).toMatchObject({
        warnings: [warning('~/cwd/named', `0${mode.toString(8)}`)],
      })
    }
  })

  test('gets none without a key', async () => {
    host.write('etc/config.yaml', 'unix_socket: /s\n', 0o644)
    expect(await host.resolve()).toEqual(socket('/s', 'unix_socket in ~/etc/config.yaml'))
  })
})

describe('a file that cannot be read', () => {
  test('named: missing', async () => {
    expect(await host.resolve({config: 'gone.yaml'})).toEqual(
      failure(
        'cannot read the config file ~/cwd/gone.yaml (--config): no such file',
        'check the path, or omit --config to search the default locations',
      ),
    )
    expect(await host.resolve({}, {HEADSCALE_CONFIG: '/gone/config.yaml'})).toEqual(
      failure(
        'cannot read the config file /gone/config.yaml (HEADSCALE_CONFIG): no such file',
        'check the path, or omit HEADSCALE_CONFIG to search the default locations',
      ),
    )
  })

  test('named: a folder, another format, not text, too large', async () => {
    const own = "name headscale's own config file"
    const cannot = (path: string, words: string, hint: string) =>
      failure(`cannot read the config file ${path} (--config): ${words}`, hint)
    expect(await host.resolve({config: '../etc'})).toEqual(
      cannot('~/etc', 'it is a directory', 'name a file, for example ~/etc/config.yaml'),
    )
    host.write('cwd/headscale.toml', '')
    expect(await host.resolve({config: 'headscale.toml'})).toEqual(
      cannot('~/cwd/headscale.toml', 'expected YAML or JSON', 'name the server with --address or --socket instead'),
    )
    host.write('cwd/binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00]))
    expect(await host.resolve({config: 'binary'})).toEqual(cannot('~/cwd/binary', 'it is not UTF-8 text', own))
    expect(await host.resolve({config: '/dev/zero'})).toEqual(cannot('/dev/zero', 'it is larger than 1 MiB', own))
    host.write('cwd/large', `unix_socket: /s\n${'#'.repeat(1_048_561)}`)
    expect(await host.resolve({config: 'large'})).toEqual(cannot('~/cwd/large', 'it is larger than 1 MiB', own))
    host.write('cwd/large', `unix_socket: /s\n${'#'.repeat(1_048_560)}`)
    expect(await host.resolve({config: 'large'})).toEqual(socket('/s', 'unix_socket in ~/cwd/large'))
  })

  test('found: too large', async () => {
    host.write('etc/config.yaml', '#'.repeat(1_048_577))
    expect(await host.resolve()).toEqual(
      failure(
        'cannot read the config file ~/etc/config.yaml: it is larger than 1 MiB',
        'fix the file, or name the server with --address or --socket',
      ),
    )
  })

  // Root may read everything, so as root these run as "nobody".
  describe('without permission', () => {
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    const ask = (flags: {config?: string; address?: string} = {}) =>
      host.resolveApart(flags, {}, uid === undefined ? {} : {uid})
    const closed = 'no permission to read the config file ~/etc/config.yaml; continuing without it'

    test('found: a warning, and on to the next', () => {
      host.write('etc/config.yaml', 'unix_socket: /secret', 0o000)
      expect(ask()).toEqual({...DEFAULT, warnings: [closed]})
      host.write('home/.headscale/config.yml', 'unix_socket: /home.sock')
      expect(ask()).toEqual({
        ...socket('/home.sock', 'unix_socket in ~/home/.headscale/config.yml'),
        warnings: [closed],
      })
    })

    test('found: a folder without permission gives one warning, not three', () => {
      host.write('etc/config.yaml', 'unix_socket: /secret')
      chmodSync(`${host.root}/etc`, 0o000)
      expect(ask()).toEqual({...DEFAULT, warnings: [closed]})
      chmodSync(`${host.root}/etc`, 0o755)
    })

    test('found: the error about a missing key names it', () => {
      host.write('etc/config.yaml', `cli: {api_key: ${KEY}}`, 0o000)
      expect(ask({address: 'h'})).toEqual(
        failure(
          `no API key for h, the address from --address (${closed})`,
          'pass --api-key-file FILE, or set HEADSCALE_CLI_API_KEY or cli.api_key in the config file',
        ),
      )
    })

    test('named: rejected', () => {
      host.write('etc/config.yaml', 'unix_socket: /secret', 0o000)
      expect(ask({config: `${host.root}/etc/config.yaml`})).toEqual(
        failure(
          'cannot read the config file ~/etc/config.yaml (--config): permission denied',
          'run as a user who can read it, or name the server with --address or --socket',
        ),
      )
    })
  })
})
