import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createFakeHost, KEY, failure, remote, socket, type FakeHost} from './fake-host.ts'

let host: FakeHost
beforeEach(() => {
  host = createFakeHost()
})
afterEach(() => host.remove())

const NO_KEY = 'pass --api-key-file FILE, or set HEADSCALE_CLI_API_KEY or cli.api_key in the config file'

describe('which source names the server', () => {
  // Every source is there at once; each line takes the winner of the line above away.
  const flags = {address: 'flag.example', socket: '/flag.sock'}
  const env = {HEADSCALE_CLI_ADDRESS: 'env.example', HEADSCALE_UNIX_SOCKET: '/env.sock'}
  const key = {HEADSCALE_CLI_API_KEY: KEY}
  const address = 'cli:\n  address: file.example\n'
  const unixSocket = 'unix_socket: /file.sock\n'

  test.for([
    [flags, env, address + unixSocket, remote('https://flag.example/', '--address')],
    [{socket: flags.socket}, env, address + unixSocket, socket('/flag.sock', '--socket')],
    [{}, env, address + unixSocket, remote('https://env.example/', 'HEADSCALE_CLI_ADDRESS')],
    [{}, {...env, HEADSCALE_CLI_ADDRESS: ''}, address + unixSocket, socket('/env.sock', 'HEADSCALE_UNIX_SOCKET')],
    [{}, {}, unixSocket, socket('/file.sock', 'unix_socket in ~/etc/config.yaml')],
    [{}, {}, 'server_url: http://127.0.0.1:8080\n', socket('~/run/headscale/headscale.sock', 'the default location')],
  ] as const)('case %#', async ([given, environment, text, outcome]) => {
    host.write('etc/config.yaml', text)
    expect(await host.resolve(given, {...environment, ...key})).toEqual(outcome)
  })

  test('an empty variable counts as unset', async () => {
    const empty = {
      HEADSCALE_CLI_ADDRESS: '',
      HEADSCALE_CLI_API_KEY: '',
      HEADSCALE_CLI_INSECURE: '',
      HEADSCALE_CLI_TIMEOUT: '',
      HEADSCALE_UNIX_SOCKET: '',
      HEADSCALE_CONFIG: '',
    }
    expect(await host.resolve({}, empty)).toEqual(socket('~/run/headscale/headscale.sock', 'the default location'))
  })

  test.for(['address', 'apiKeyFile', 'socket', 'config', 'caFile', 'timeout'] as const)(
    'rejects an empty flag: %s',
    async (name) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      expect(await host.resolve({[name]: ''})).toEqual(
        failure(`${flag} has an empty value`, 'pass a value, or omit the flag'),
      )
    },
  )

  test('reads no file if flags or environment are enough', async () => {
    host.write('etc/config.yaml', ']')
    expect(await host.resolve({socket: 's'})).toEqual(socket('~/cwd/s', '--socket'))
    expect(await host.resolve({}, {HEADSCALE_UNIX_SOCKET: 's', HEADSCALE_CONFIG: '/nowhere'})).toEqual(
      socket('~/cwd/s', 'HEADSCALE_UNIX_SOCKET'),
    )
  })

  describe('--config', () => {
    const everything = {HEADSCALE_CLI_ADDRESS: 'env.example', HEADSCALE_UNIX_SOCKET: '/env.sock', ...key}

    test('overrides the environment', async () => {
      host.write('cwd/socket.yaml', 'unix_socket: /prod.sock\n')
      expect(await host.resolve({config: 'socket.yaml'}, everything)).toEqual(
        socket('/prod.sock', 'unix_socket in ~/cwd/socket.yaml'),
      )
      host.write(
        'cwd/address.yaml',
        `cli: {address: prod.example, api_key: ${'p'.repeat(20)}, timeout: 5s, insecure: false}\n`,
      )
      expect(
        await host.resolve(
          {config: 'address.yaml'},
          {...everything, HEADSCALE_CLI_TIMEOUT: '9s', HEADSCALE_CLI_INSECURE: 'true'},
        ),
      ).toEqual(
        remote('https://prod.example/', 'cli.address in ~/cwd/address.yaml', {
          apiKey: 'p'.repeat(20),
          timeoutMs: 5_000,
        }),
      )
    })

    test('without a server in it is used with the server of the environment, with a warning', async () => {
      host.write('cwd/prod.yaml', 'cli: {timeout: 5s}\n')
      expect(await host.resolve({config: 'prod.yaml'}, {HEADSCALE_UNIX_SOCKET: '/env.sock'})).toEqual({
        ...socket('/env.sock', 'HEADSCALE_UNIX_SOCKET', {timeoutMs: 5_000}),
        warnings: ['~/cwd/prod.yaml names no server (cli.address or unix_socket); using HEADSCALE_UNIX_SOCKET'],
      })
    })

    test.for([{socket: '/s'}, {address: 'h'}] as const)('must exist, even with %j', async (flags) => {
      expect(await host.resolve({...flags, config: 'gone.yaml'}, everything)).toEqual(
        failure(
          'cannot read the config file ~/cwd/gone.yaml (--config): no such file',
          'check the path, or omit --config to search the default locations',
        ),
      )
    })
  })

  test('a path may be written as a unix: URL', async () => {
    for (const path of ['unix:///run/hs.sock', 'unix:/run/hs.sock', 'UNIX:///run/hs.sock']) {
      expect(await host.resolve({socket: path})).toEqual(socket('/run/hs.sock', '--socket'))
      expect(await host.resolve({}, {HEADSCALE_UNIX_SOCKET: path})).toEqual(
        socket('/run/hs.sock', 'HEADSCALE_UNIX_SOCKET'),
      )
      host.write('etc/config.yaml', `unix_socket: ${path}\n`)
      expect(await host.resolve()).toEqual(socket('/run/hs.sock', 'unix_socket in ~/etc/config.yaml'))
    }
    expect(await host.resolve({socket: 'unix:hs.sock'})).toEqual(socket('~/cwd/hs.sock', '--socket'))
  })

  test.for([
    ['unix://hs.sock', 'write a path, for example /var/run/headscale/headscale.sock'],
    ['https://vpn.example', 'pass it with --address'],
  ] as const)('rejects the socket %s', async ([path, hint]) => {
    expect(await host.resolve({socket: path})).toEqual(failure('invalid socket path from --socket: it is a URL', hint))
  })
})

describe('the key', () => {
  const FLAG_KEY = 'f'.repeat(20)
  const FILE_KEY = 'c'.repeat(20)
  const ENV = {HEADSCALE_CLI_API_KEY: KEY}

  test('flag over environment over file, for an address that was named', async () => {
    host.write('cwd/key', `${FLAG_KEY}\n`, 0o600)
    host.write('etc/config.yaml', `cli:\n  address: file.example\n  api_key: ${FILE_KEY}\n`)
    const address = {address: 'flag.example'}
    const found = (apiKey: string) => remote('https://flag.example/', '--address', {apiKey})
    expect(await host.resolve({...address, apiKeyFile: 'key'}, ENV)).toEqual(found(FLAG_KEY))
    expect(await host.resolve(address, ENV)).toEqual(found(KEY))
    expect(await host.resolve(address)).toEqual(found(FILE_KEY))
    expect(await host.resolve({}, {HEADSCALE_CLI_ADDRESS: 'env.example'})).toEqual(
      remote('https://env.example/', 'HEADSCALE_CLI_ADDRESS', {apiKey: FILE_KEY}),
    )
  })

  test.for(['etc/config.yaml', 'home/.headscale/config.yaml', 'cwd/config.yaml'])(
    'is not sent to an address in %s, which the user did not name',
    async (file) => {
      const source = `cli.address in ~/${file}`
      const rejected = (from: string) =>
        failure(
          `the API key from ${from} is not sent to stray.example: that address comes from ~/${file}, a file that was not named`,
          `name the server with --address, or the file with -c ~/${file}`,
        )
      host.write('cwd/key', `${FLAG_KEY}\n`, 0o600)
      for (const text of ['cli: {address: stray.example}\n', `cli: {address: stray.example, api_key: ${FILE_KEY}}\n`]) {
        host.write(file, text)
        expect(await host.resolve({}, ENV)).toEqual(rejected('HEADSCALE_CLI_API_KEY'))
        expect(await host.resolve({apiKeyFile: 'key'})).toEqual(rejected('--api-key-file'))
        expect(await host.resolve({}, {HEADSCALE_CLI_API_KEY_FILE: 'key'})).toEqual(
          rejected('HEADSCALE_CLI_API_KEY_FILE'),
        )
        expect(await host.resolve({}, {...ENV, HEADSCALE_CONFIG: `${host.root}/${file}`})).toEqual(
          remote('https://stray.example/', source),
        )
      }
      // The file's own key belongs to its address.
      expect(await host.resolve()).toEqual(remote('https://stray.example/', source, {apiKey: FILE_KEY}))
      host.write(file, 'cli: {address: stray.example}\n')
      expect(await host.resolve({config: `${host.root}/${file}`}, ENV)).toEqual(
        remote('https://stray.example/', source),
      )
      expect(await host.resolve({address: 'stray.example'}, ENV)).toEqual(remote('https://stray.example/', '--address'))
    },
  )

  test.for(['\n', '\r\n', ' \n', '\n\n'])('from the environment may end in white space: %j', async (end) => {
    const env = {HEADSCALE_CLI_API_KEY: `${KEY}${end}`, HEADSCALE_CLI_ADDRESS: `h${end}`}
    expect(await host.resolve({}, env)).toEqual(remote('https://h/', 'HEADSCALE_CLI_ADDRESS'))
  })

  test('from the file that HEADSCALE_CLI_API_KEY_FILE names', async () => {
    host.write('cwd/key', `${KEY}\n`, 0o600)
    const env = {HEADSCALE_CLI_ADDRESS: 'h', HEADSCALE_CLI_API_KEY_FILE: 'key'}
    expect(await host.resolve({}, env)).toEqual(remote('https://h/', 'HEADSCALE_CLI_ADDRESS'))
    expect(await host.resolve({}, {...env, HEADSCALE_CLI_API_KEY_FILE: `${host.root}/cwd/key\n`})).toEqual(
      remote('https://h/', 'HEADSCALE_CLI_ADDRESS'),
    )
    expect(await host.resolve({}, {...env, HEADSCALE_CLI_API_KEY_FILE: 'gone'})).toEqual(
      failure(
        'cannot read the API key file ~/cwd/gone (HEADSCALE_CLI_API_KEY_FILE): no such file',
        'name a file that contains only the key',
      ),
    )
    expect(await host.resolve({}, {...env, ...ENV})).toEqual(
      failure(
        'HEADSCALE_CLI_API_KEY and HEADSCALE_CLI_API_KEY_FILE are both set',
        'unset one of them, or pass --api-key-file',
      ),
    )
    host.write('cwd/other', `${FLAG_KEY}\n`, 0o600)
    expect(await host.resolve({apiKeyFile: 'other'}, {...env, ...ENV})).toEqual(
      remote('https://h/', 'HEADSCALE_CLI_ADDRESS', {apiKey: FLAG_KEY}),
    )
  })

  test('in quotes is rejected', async () => {
    for (const text of [`"${KEY}"`, `'${KEY}'`, `"${KEY}`]) {
      expect(await host.resolve({address: 'h'}, {HEADSCALE_CLI_API_KEY: text})).toEqual(
        failure(
          'invalid API key from HEADSCALE_CLI_API_KEY: it is in quotes',
          'remove the quotes; docker keeps those in an --env-file as part of the value',
        ),
      )
    }
  })

  test.for(['apiKeyFile', 'config', 'socket', 'caFile'] as const)(
    'given as a file name is not repeated: %s',
    async (name) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      for (const secret of [KEY, `hskey-api-${'a'.repeat(12)}-${'b'.repeat(64)}`, 'c'.repeat(64)]) {
        const outcome = await host.resolve(
          {...(name === 'socket' ? {} : {address: 'h'}), [name]: secret},
          name === 'caFile' ? ENV : {},
        )
        expect(outcome).toEqual(
          failure(
            `${flag} expects the name of a file, got what looks like a key`,
            'write the API key to a file and name that file with --api-key-file, or set HEADSCALE_CLI_API_KEY',
          ),
        )
      }
    },
  )

  test('rejects an address without one', async () => {
    expect(await host.resolve({address: 'vpn.example:50443'})).toEqual(
      failure('no API key for vpn.example:50443, the address from --address', NO_KEY),
    )
    expect(await host.resolve({}, {HEADSCALE_CLI_ADDRESS: 'vpn.example'})).toEqual(
      failure('no API key for vpn.example, the address from HEADSCALE_CLI_ADDRESS', NO_KEY),
    )
    host.write('home/.headscale/config.yaml', 'cli: {address: vpn.example}')
    expect(await host.resolve()).toEqual(
      failure('no API key for vpn.example, the address from cli.address in ~/home/.headscale/config.yaml', NO_KEY),
    )
  })

  test('rejects a key file where the server is a socket', async () => {
    const hint = 'add --address URL, or omit --api-key-file: a socket needs no key'
    expect(await host.resolve({apiKeyFile: 'key'})).toEqual(
      failure(
        '--api-key-file cannot be used with the socket ~/run/headscale/headscale.sock (the default location)',
        hint,
      ),
    )
  })
})

describe('the timeout', () => {
  test('flag over environment over file over 30 s', async () => {
    const where = 'unix_socket in ~/etc/config.yaml'
    host.write('etc/config.yaml', 'unix_socket: /s\ncli:\n  timeout: 7s\n')
    const env = {HEADSCALE_CLI_TIMEOUT: '8s'}
    expect(await host.resolve({timeout: '9s'}, env)).toEqual(socket('/s', where, {timeoutMs: 9_000}))
    expect(await host.resolve({}, env)).toEqual(socket('/s', where, {timeoutMs: 8_000}))
    expect(await host.resolve()).toEqual(socket('/s', where, {timeoutMs: 7_000}))
    host.write('etc/config.yaml', 'unix_socket: /s\n')
    expect(await host.resolve()).toEqual(await host.resolve({timeout: '30s'}))
  })

  test.for([
    ['5', 5_000],
    ['1.5', 1_500],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['24d', 2_073_600_000],
  ] as const)('%s', async ([text, timeoutMs]) => {
    const found = socket('/s', '--socket', {timeoutMs})
    expect(await host.resolve({socket: '/s', timeout: text})).toEqual(found)
    expect(await host.resolve({socket: '/s'}, {HEADSCALE_CLI_TIMEOUT: text})).toEqual(found)
  })

  const form = 'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)'
  test.for([
    ['soon', 'invalid duration "soon"', form],
    ['-5s', 'invalid duration "-5s": it is negative', 'remove the sign'],
    ['0', 'the timeout must be more than 0', 'the default is 30s'],
    ['25d', 'the timeout is too long', 'the maximum is 24d'],
  ] as const)('rejects %s', async ([text, message, hint]) => {
    expect(await host.resolve({socket: '/s', timeout: text})).toEqual(failure(`--timeout: ${message}`, hint))
    expect(await host.resolve({socket: '/s'}, {HEADSCALE_CLI_TIMEOUT: text})).toEqual(
      failure(`HEADSCALE_CLI_TIMEOUT: ${message}`, hint),
    )
  })
})

describe('insecure', () => {
  const env = {HEADSCALE_CLI_ADDRESS: 'h', HEADSCALE_CLI_API_KEY: KEY}
  const warned = (source: string) => ({
    ...remote('https://h/', 'HEADSCALE_CLI_ADDRESS', {insecure: true}),
    warnings: [`the TLS certificate of h is not verified (${source}): the API key can be intercepted`],
  })
  const secure = remote('https://h/', 'HEADSCALE_CLI_ADDRESS')

  test.for(['1', 't', 'T', 'TRUE', 'true', 'True'])('HEADSCALE_CLI_INSECURE=%s is on', async (text) => {
    expect(await host.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(warned('HEADSCALE_CLI_INSECURE'))
  })

  test.for(['0', 'f', 'F', 'FALSE', 'false', 'False', ''])('HEADSCALE_CLI_INSECURE=%s is off', async (text) => {
    expect(await host.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(secure)
  })

  test.for(['yes', 'tRUE', '2', ' true'])('rejects HEADSCALE_CLI_INSECURE=%s', async (text) => {
    expect(await host.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(
      failure('invalid HEADSCALE_CLI_INSECURE: expected true or false', 'set it to true or false'),
    )
  })

  test('the flag wins, off as well as on', async () => {
    expect(await host.resolve({insecure: true}, {...env, HEADSCALE_CLI_INSECURE: '0'})).toEqual(warned('--insecure'))
    expect(await host.resolve({insecure: false}, {...env, HEADSCALE_CLI_INSECURE: '1'})).toEqual(secure)
  })

  test('from the file', async () => {
    host.write('etc/config.yaml', `cli: {address: h, api_key: ${KEY}, insecure: true}\n`)
    const source = 'cli.address in ~/etc/config.yaml'
    expect(await host.resolve()).toEqual({
      ...remote('https://h/', source, {insecure: true}),
      warnings: [
        'the TLS certificate of h is not verified (cli.insecure in ~/etc/config.yaml): the API key can be intercepted',
      ],
    })
    expect(await host.resolve({}, {HEADSCALE_CLI_INSECURE: 'false'})).toEqual(remote('https://h/', source))
  })

  test('from the variable of Node has the lowest precedence, with a warning', async () => {
    const off = {...env, NODE_TLS_REJECT_UNAUTHORIZED: '0'}
    expect(await host.resolve({}, off)).toEqual(warned('NODE_TLS_REJECT_UNAUTHORIZED=0'))
    expect(await host.resolve({insecure: false}, off)).toEqual(secure)
    expect(await host.resolve({}, {...off, HEADSCALE_CLI_INSECURE: 'false'})).toEqual(secure)
    expect(await host.resolve({}, {...env, NODE_TLS_REJECT_UNAUTHORIZED: '1'})).toEqual(secure)
  })
})

describe('the address of the debug pages', () => {
  const ENV = {HEADSCALE_METRICS_LISTEN_ADDR: ' 127.0.0.1:2\n'}
  const found = (debugListener: string) =>
    socket('~/run/headscale/headscale.sock', 'the default location', {debugListener})

  test('flag over environment over file', async () => {
    host.write('etc/config.yaml', 'metrics_listen_addr: 0.0.0.0:3\n')
    expect(await host.resolve({metricsAddress: 'hs:1'}, ENV)).toEqual(found('http://hs:1 (--metrics-address)'))
    expect(await host.resolve({}, ENV)).toEqual(found('http://127.0.0.1:2 (HEADSCALE_METRICS_LISTEN_ADDR)'))
    expect(await host.resolve()).toEqual(found('http://127.0.0.1:3 (metrics_listen_addr in ~/etc/config.yaml)'))
  })

  test.for(['', '[]', '9090', ':http', '":0"'])('is not known: metrics_listen_addr %s', async (value) => {
    host.write('etc/config.yaml', `metrics_listen_addr: ${value}\n`)
    expect(await host.resolve()).toEqual(socket('~/run/headscale/headscale.sock', 'the default location'))
  })

  test('opens no file of its own', async () => {
    host.write('etc/config.yaml', ']')
    expect(await host.resolve({socket: '/s'})).toEqual(socket('/s', '--socket'))
  })
})

describe('--ca-file', () => {
  const env = {HEADSCALE_CLI_API_KEY: KEY}

  test('is taken from the working directory', async () => {
    host.write('cwd/ca.pem', '-----BEGIN CERTIFICATE-----\n')
    expect(await host.resolve({address: 'h', caFile: 'ca.pem'}, env)).toEqual(
      remote('https://h/', '--address', {caFile: '~/cwd/ca.pem'}),
    )
  })

  test.for([
    ['missing.pem', '~/cwd/missing.pem', 'no such file'],
    ['.', '~/cwd', 'it is a directory'],
    ['ca.der', '~/cwd/ca.der', 'it is not UTF-8 text'],
  ] as const)('rejects %s', async ([path, shown, words]) => {
    host.write('cwd/ca.der', Buffer.from([0x30, 0x82, 0xff, 0xfe]))
    expect(await host.resolve({address: 'h', caFile: path}, env)).toEqual(
      failure(`cannot read the CA file ${shown} (--ca-file): ${words}`, 'name a PEM file of certificates'),
    )
  })
})
