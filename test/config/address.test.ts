import {describe, expect, test} from 'vitest'
import {KEY, failure} from './fake-host.ts'
import {type Outcome, outcomeOf} from './outcome.ts'

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
  ] as const)('warns that the key is not encrypted: %s', async ([text, host]) => {
    expect(await resolve(text)).toMatchObject({
      target: {kind: 'remote'},
      warnings: [`the API key is sent to ${host} over unencrypted http and can be intercepted: use https if possible`],
    })
  })

  const form = 'write a host, host:port or URL, for example https://headscale.example.com'
  const userInfo = 'remove everything before the @; the API key goes into --api-key-file or HEADSCALE_CLI_API_KEY'
  const query = 'remove everything from the ? or # on'
  const port = 'a port is a number from 1 to 65535'
  const path = 'for a unix socket use --socket or HEADSCALE_UNIX_SOCKET'
  const scheme = 'use https:// or http://'
  test.for([
    [KEY, 'it looks like an API key', 'check whether the address and the key are swapped'],
    [
      `hskey-api-${'a'.repeat(12)}-${'b'.repeat(64)}`,
      'it looks like an API key',
      'check whether the address and the key are swapped',
    ],
    ['https://key@vpn.example', 'it contains a user or password', userInfo],
    ['https://user:secret@vpn.example:99999', 'it contains a user or password', userInfo],
    ['secret@vpn.example', 'it contains a user or password', userInfo],
    ['https://vpn.example/?key=secret', 'it contains a query or fragment', query],
    ['https://vpn.example?', 'it contains a query or fragment', query],
    ['vpn.example#secret', 'it contains a query or fragment', query],
    ['grpc://vpn.example', 'unsupported scheme "grpc"', scheme],
    ['file:///etc/passwd', 'unsupported scheme "file"', scheme],
    ['unix:///var/run/headscale.sock', 'it is a file path', path],
    ['unix:/var/run/headscale.sock', 'it is a file path', path],
    ['/var/run/headscale.sock', 'it is a file path', path],
    ['./headscale.sock', 'it is a file path', path],
    ['../headscale.sock', 'it is a file path', path],
    ['vpn.example:', 'invalid port', port],
    ['vpn.example:0', 'invalid port', port],
    ['vpn.example:65536', 'invalid port', port],
    ['vpn.example:http', 'invalid port', port],
    ['https://vpn.example:8o80/', 'invalid port', port],
    ['fd7a::1', 'expected a host and a port', 'write an IPv6 address in brackets, for example [fd00::1]:443'],
    ['https://', 'it has no host name', form],
    [':8080', 'it has no host name', form],
    ['8080', 'it has no host name', form],
    ['[fd7a::g]', 'invalid host name', form],
    ['https://a b', 'it contains white space or a control character', form],
    ['vpn.example\n', 'it contains white space or a control character', form],
    ['vpn.example\0', 'it contains white space or a control character', form],
    ['vpn.example\\@evil.example', 'it contains a backslash', form],
  ] as const)('rejects %j', async ([text, reason, hint]) => {
    expect(await resolve(text)).toEqual(failure(`invalid address from --address: ${reason}`, hint))
  })

  test('names the source in the message', async () => {
    expect(await outcomeOf({}, {...HOST, env: {...HOST.env, HEADSCALE_CLI_ADDRESS: 'ftp://h'}})).toEqual(
      failure('invalid address from HEADSCALE_CLI_ADDRESS: unsupported scheme "ftp"', scheme),
    )
  })
})
