import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createWorld, KEY, refusal, remote, socket, type World} from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())

const NO_KEY = 'give one with --api-key-file FILE, HEADSCALE_CLI_API_KEY or cli.api_key in the config file'

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
    [{}, {}, address + unixSocket, remote('https://file.example/', 'cli.address in ~/etc/config.yaml')],
    [{}, {}, unixSocket, socket('/file.sock', 'unix_socket in ~/etc/config.yaml')],
    [{}, {}, 'server_url: http://127.0.0.1:8080\n', socket('~/run/headscale/headscale.sock', 'the usual place')],
  ] as const)('case %#', async ([given, environment, text, outcome]) => {
    world.write('etc/config.yaml', text)
    expect(await world.resolve(given, {...environment, ...key})).toEqual(outcome)
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
    expect(await world.resolve({}, empty)).toEqual(socket('~/run/headscale/headscale.sock', 'the usual place'))
  })

  test.for(['address', 'apiKeyFile', 'socket', 'config', 'caFile', 'timeout'] as const)(
    'an empty flag is refused: %s',
    async (name) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      expect(await world.resolve({[name]: ''})).toEqual(
        refusal(`${flag} has an empty value`, 'give it a value, or leave it out'),
      )
    },
  )

  test('no file is read when flags or environment suffice', async () => {
    world.write('etc/config.yaml', ']')
    expect(await world.resolve({socket: 's'})).toEqual(socket('~/cwd/s', '--socket'))
    expect(await world.resolve({}, {HEADSCALE_UNIX_SOCKET: 's', HEADSCALE_CONFIG: '/nowhere'})).toEqual(
      socket('~/cwd/s', 'HEADSCALE_UNIX_SOCKET'),
    )
    expect(await world.resolve({address: 'h', config: '/nowhere'}, {HEADSCALE_CLI_API_KEY: KEY})).toEqual(
      remote('https://h/', '--address'),
    )
  })

  test('--config that the environment overrules is told', async () => {
    world.write('cwd/prod.yaml', 'cli: {address: prod.example}')
    expect(await world.resolve({config: 'prod.yaml'}, {HEADSCALE_UNIX_SOCKET: '/env.sock'})).toEqual({
      ...socket('/env.sock', 'HEADSCALE_UNIX_SOCKET'),
      warnings: ['HEADSCALE_UNIX_SOCKET names the server, not --config prod.yaml: the environment comes first'],
    })
  })
})

describe('the key', () => {
  test('flag over environment over file, whatever the address came from', async () => {
    world.write('cwd/key', `${'f'.repeat(20)}\n`, 0o600)
    world.write('etc/config.yaml', `cli:\n  address: file.example\n  api_key: ${'c'.repeat(20)}\n`)
    const env = {HEADSCALE_CLI_API_KEY: KEY}
    const file = 'cli.address in ~/etc/config.yaml'
    expect(await world.resolve({apiKeyFile: 'key'}, env)).toEqual(
      remote('https://file.example/', file, {apiKey: 'f'.repeat(20)}),
    )
    expect(await world.resolve({}, env)).toEqual(remote('https://file.example/', file))
    expect(await world.resolve()).toEqual(remote('https://file.example/', file, {apiKey: 'c'.repeat(20)}))
    expect(await world.resolve({address: 'flag.example'})).toEqual(
      remote('https://flag.example/', '--address', {apiKey: 'c'.repeat(20)}),
    )
  })

  test('an address without one is refused', async () => {
    expect(await world.resolve({address: 'vpn.example:50443'})).toEqual(
      refusal('no API key for vpn.example:50443, the address from --address', NO_KEY),
    )
    expect(await world.resolve({}, {HEADSCALE_CLI_ADDRESS: 'vpn.example'})).toEqual(
      refusal('no API key for vpn.example, the address from HEADSCALE_CLI_ADDRESS', NO_KEY),
    )
    world.write('home/.headscale/config.yaml', 'cli: {address: vpn.example}')
    expect(await world.resolve()).toEqual(
      refusal('no API key for vpn.example, the address from cli.address in ~/home/.headscale/config.yaml', NO_KEY),
    )
  })

  test('a key file is refused where the server is a socket', async () => {
    const hint = 'add --address URL, or leave out --api-key-file: a socket takes no key'
    expect(await world.resolve({apiKeyFile: 'key'})).toEqual(
      refusal('--api-key-file is of no use on the socket ~/run/headscale/headscale.sock (the usual place)', hint),
    )
  })

  test('to an address that lies about in the working directory: a warning', async () => {
    world.write('cwd/config.yaml', 'cli:\n  address: stray.example\n')
    expect(await world.resolve({}, {HEADSCALE_CLI_API_KEY: KEY})).toEqual({
      ...remote('https://stray.example/', 'cli.address in ~/cwd/config.yaml'),
      warnings: [
        'the API key from HEADSCALE_CLI_API_KEY goes to stray.example, an address from the working directory (~/cwd/config.yaml)',
      ],
    })
    const meant = remote('https://stray.example/', 'cli.address in ~/cwd/config.yaml')
    expect(await world.resolve({config: 'config.yaml'}, {HEADSCALE_CLI_API_KEY: KEY})).toEqual(meant)
    world.write('cwd/config.yaml', `cli:\n  address: stray.example\n  api_key: ${KEY}\n`)
    expect(await world.resolve()).toEqual(meant)
  })
})

describe('the time-out', () => {
  test('flag over environment over file over 30 s', async () => {
    const where = 'unix_socket in ~/etc/config.yaml'
    world.write('etc/config.yaml', 'unix_socket: /s\ncli:\n  timeout: 7s\n')
    const env = {HEADSCALE_CLI_TIMEOUT: '8s'}
    expect(await world.resolve({timeout: '9s'}, env)).toEqual(socket('/s', where, {timeoutMs: 9_000}))
    expect(await world.resolve({}, env)).toEqual(socket('/s', where, {timeoutMs: 8_000}))
    expect(await world.resolve()).toEqual(socket('/s', where, {timeoutMs: 7_000}))
    world.write('etc/config.yaml', 'unix_socket: /s\n')
    expect(await world.resolve()).toEqual(await world.resolve({timeout: '30s'}))
  })

  test.for([
    ['5', 5_000],
    ['1.5', 1_500],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['24d', 2_073_600_000],
  ] as const)('%s', async ([text, timeoutMs]) => {
    const found = socket('/s', '--socket', {timeoutMs})
    expect(await world.resolve({socket: '/s', timeout: text})).toEqual(found)
    expect(await world.resolve({socket: '/s'}, {HEADSCALE_CLI_TIMEOUT: text})).toEqual(found)
  })

  const form = 'write a number and a unit, as in 30m, 1h30m or 90d (units: y w d h m s ms)'
  test.for([
    ['soon', '"soon" is not a duration', form],
    ['-5s', '"-5s" is negative', 'leave out the sign: a duration counts from now'],
    ['0', 'a time-out of zero leaves no time for an answer', 'the default is 30s'],
    ['25d', 'the time-out is too long', 'the longest is 24d'],
  ] as const)('%s is refused', async ([text, message, hint]) => {
    expect(await world.resolve({socket: '/s', timeout: text})).toEqual(refusal(`--timeout: ${message}`, hint))
    expect(await world.resolve({socket: '/s'}, {HEADSCALE_CLI_TIMEOUT: text})).toEqual(
      refusal(`HEADSCALE_CLI_TIMEOUT: ${message}`, hint),
    )
  })
})

describe('insecure', () => {
  const env = {HEADSCALE_CLI_ADDRESS: 'h', HEADSCALE_CLI_API_KEY: KEY}
  const warned = (source: string) => ({
    ...remote('https://h/', 'HEADSCALE_CLI_ADDRESS', {insecure: true}),
    warnings: [`TLS certificate of h not verified (${source}): the API key may go to somebody else`],
  })
  const secure = remote('https://h/', 'HEADSCALE_CLI_ADDRESS')

  test.for(['1', 't', 'T', 'TRUE', 'true', 'True'])('HEADSCALE_CLI_INSECURE=%s is on', async (text) => {
    expect(await world.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(warned('HEADSCALE_CLI_INSECURE'))
  })

  test.for(['0', 'f', 'F', 'FALSE', 'false', 'False', ''])('HEADSCALE_CLI_INSECURE=%s is off', async (text) => {
    expect(await world.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(secure)
  })

  test.for(['yes', 'tRUE', '2', ' true'])('HEADSCALE_CLI_INSECURE=%s is refused', async (text) => {
    expect(await world.resolve({}, {...env, HEADSCALE_CLI_INSECURE: text})).toEqual(
      refusal('HEADSCALE_CLI_INSECURE is neither true nor false', 'set it to true or false'),
    )
  })

  test('the flag wins, off as well as on', async () => {
    expect(await world.resolve({insecure: true}, {...env, HEADSCALE_CLI_INSECURE: '0'})).toEqual(warned('--insecure'))
    expect(await world.resolve({insecure: false}, {...env, HEADSCALE_CLI_INSECURE: '1'})).toEqual(secure)
  })

  test('from the file', async () => {
    world.write('etc/config.yaml', `cli: {address: h, api_key: ${KEY}, insecure: true}\n`)
    const source = 'cli.address in ~/etc/config.yaml'
    expect(await world.resolve()).toEqual({
      ...remote('https://h/', source, {insecure: true}),
      warnings: [
        'TLS certificate of h not verified (cli.insecure in ~/etc/config.yaml): the API key may go to somebody else',
      ],
    })
    expect(await world.resolve({}, {HEADSCALE_CLI_INSECURE: 'false'})).toEqual(remote('https://h/', source))
  })
})

describe('--ca-file', () => {
  const env = {HEADSCALE_CLI_API_KEY: KEY}

  test('is taken from the working directory', async () => {
    world.write('cwd/ca.pem', '-----BEGIN CERTIFICATE-----\n')
    expect(await world.resolve({address: 'h', caFile: 'ca.pem'}, env)).toEqual(
      remote('https://h/', '--address', {caFile: '~/cwd/ca.pem'}),
    )
  })

  test.for([
    ['missing.pem', '~/cwd/missing.pem', 'no such file'],
    ['.', '~/cwd', 'it is a folder'],
    ['ca.der', '~/cwd/ca.der', 'it is not UTF-8 text'],
  ] as const)('%s is refused', async ([path, shown, words]) => {
    world.write('cwd/ca.der', Buffer.from([0x30, 0x82, 0xff, 0xfe]))
    expect(await world.resolve({address: 'h', caFile: path}, env)).toEqual(
      refusal(`cannot read ${shown} (--ca-file): ${words}`, 'name a PEM file of certificates'),
    )
  })
})
