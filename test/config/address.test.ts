import {describe, expect, test} from 'vitest'
import {type Outcome, KEY, outcomeOf, refusal} from './world.ts'

const HOST = {env: {HEADSCALE_CLI_API_KEY: KEY}, home: null, cwd: '/nowhere'}
const resolve = (address: string): Promise<Outcome> => outcomeOf({address}, HOST)

describe('an address', () => {
  test.for([
    ['vpn.example', 'https://vpn.example/'],
    ['vpn.example:8443', 'https://vpn.example:8443/'],
    ['vpn.example:443', 'https://vpn.example/'],
    ['vpn.example:50443', 'https://vpn.example:50443/'],
    ['vpn.example/', 'https://vpn.example/'],
    ['vpn.example/hs', 'https://vpn.example/hs/'],
    ['192.0.2.7:8080', 'https://192.0.2.7:8080/'],
    ['[fd7a::1]', 'https://[fd7a::1]/'],
    ['[fd7a::1]:8080', 'https://[fd7a::1]:8080/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['https://vpn.example', 'https://vpn.example/'],
    ['HTTPS://VPN.Example', 'https://vpn.example/'],
    ['https://vpn.example/hs//', 'https://vpn.example/hs/'],
    ['https://vpn.example/a/b@c', 'https://vpn.example/a/b@c/'],
    ['https://vpn.example/api/v1', 'https://vpn.example/'],
    ['https://vpn.example/api/v1/', 'https://vpn.example/'],
    ['https://vpn.example/hs/api/v1/', 'https://vpn.example/hs/'],
    ['https://vpn.example/api/v10', 'https://vpn.example/api/v10/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://127.8.9.10', 'http://127.8.9.10/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
    ['http://localhost:8080/hs', 'http://localhost:8080/hs/'],
    ['http://hs.localhost', 'http://hs.localhost/'],
  ] as const)('%s', async ([text, url]) => {
    expect(await resolve(text)).toEqual({target: {kind: 'remote', url, apiKey: KEY, source: '--address'}})
  })

  test.for([
    ['http://192.0.2.7:8080', '192.0.2.7:8080'],
    ['http://vpn.example', 'vpn.example'],
    ['http://[fd7a::1]:8080', '[fd7a::1]:8080'],
    ['http://localhost.example', 'localhost.example'],
    ['http://127.0.0.1.example', '127.0.0.1.example'],
  ] as const)('%s: the key would be readable on the way', async ([text, host]) => {
    expect(await resolve(text)).toMatchObject({
      target: {kind: 'remote'},
      warnings: [`the API key goes to ${host} over plain http, readable on the way: use https if the server has it`],
    })
  })

  const form = 'write a host, host:port or URL, as in https://headscale.example.com'
  const userInfo = 'leave out what stands before the @; the API key has its own place'
  const query = 'leave out everything from the ? or # on'
  const port = 'a port is a number from 1 to 65535'
  const path = 'a unix socket is given with --socket or HEADSCALE_UNIX_SOCKET'
  const scheme = 'only http and https are spoken to a remote server'
  test.for([
    [KEY, 'looks like an API key', 'the two may have been swapped'],
    [`hskey-api-${'a'.repeat(12)}-${'b'.repeat(64)}`, 'looks like an API key', 'the two may have been swapped'],
    ['https://key@vpn.example', 'contains user info', userInfo],
    ['https://user:secret@vpn.example:99999', 'contains user info', userInfo],
    ['secret@vpn.example', 'contains user info', userInfo],
    ['https://vpn.example/?key=secret', 'contains a query or a fragment', query],
    ['https://vpn.example?', 'contains a query or a fragment', query],
    ['vpn.example#secret', 'contains a query or a fragment', query],
    ['grpc://vpn.example', 'has the scheme "grpc"', scheme],
    ['file:///etc/passwd', 'has the scheme "file"', scheme],
    ['unix:///var/run/headscale.sock', 'is a path, not an address', path],
    ['unix:/var/run/headscale.sock', 'is a path, not an address', path],
    ['/var/run/headscale.sock', 'is a path, not an address', path],
    ['./headscale.sock', 'is a path, not an address', path],
    ['../headscale.sock', 'is a path, not an address', path],
    ['vpn.example:', 'has a bad port', port],
    ['vpn.example:0', 'has a bad port', port],
    ['vpn.example:65536', 'has a bad port', port],
    ['vpn.example:http', 'has a bad port', port],
    ['https://vpn.example:8o80/', 'has a bad port', port],
    ['fd7a::1', 'is not a host with a port', 'an IPv6 address stands in brackets, as in [fd00::1]:443'],
    ['https://', 'names no host', form],
    [':8080', 'names no host', form],
    ['8080', 'names no host', form],
    ['[fd7a::g]', 'names no valid host', form],
    ['https://a b', 'contains white space or a control character', form],
    ['vpn.example\n', 'contains white space or a control character', form],
    ['vpn.example\0', 'contains white space or a control character', form],
    ['vpn.example\\@evil.example', 'contains a backslash', form],
  ] as const)('%j is refused', async ([text, words, hint]) => {
    expect(await resolve(text)).toEqual(refusal(`the address from --address ${words}`, hint))
  })

  test('the message names where it stood', async () => {
    expect(await outcomeOf({}, {...HOST, env: {...HOST.env, HEADSCALE_CLI_ADDRESS: 'ftp://h'}})).toEqual(
      refusal('the address from HEADSCALE_CLI_ADDRESS has the scheme "ftp"', scheme),
    )
  })
})
