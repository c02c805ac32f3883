/** The server's own addresses: server_url, the listeners, the socket, and the proxy in front. */
import {isIP} from 'node:net'
import {isLoopback, isWildcard, parseListen, parsePrefix} from '../config/values.ts'
import type {Context, Words} from './context.ts'

const STOPS = 'headscale does not start'

export function checkServer(context: Context): void {
  checkServerUrl(context)
  checkListeners(context)
  checkSocket(context)
  checkProxy(context)
}

/** server_url as a URL; null where it is none. */
export function serverUrl({settings}: Context): URL | null {
  return URL.parse(settings.text('server_url'))
}

/** Whether headscale itself serves TLS. */
export function servesTls({settings}: Context): boolean {
  return settings.text('tls_letsencrypt_hostname') !== '' || settings.text('tls_cert_path') !== ''
}

function checkServerUrl(context: Context): void {
  const {settings} = context
  const text = settings.text('server_url')
  const example = 'such as https://headscale.example.com'
  if (text === '') {
    const fix = `Add server_url, the address that clients use, ${example}`
    return context.error('server-url', 'server_url', ['server_url is missing', STOPS, fix])
  }
  if (!/^https?:\/\//.test(text)) {
    const fix = `Write a URL ${example}`
    return context.error('server-url', 'server_url', [
      `server_url '${text}' does not start with http:// or https://`,
      STOPS,
      fix,
    ])
  }
  const url = serverUrl(context)
  if (url === null || url.hostname === '') {
    const words: Words = [`server_url '${text}' is not a URL`, 'Clients cannot connect to it', `Write a URL ${example}`]
    return context.error('server-url', 'server_url', words)
  }
  if (isWildcard(url.hostname.replace(/^\[(.*)\]$/, '$1'))) {
    const fix = 'Write the name or the address that clients use; 0.0.0.0 belongs in listen_addr'
    return context.error('server-url', 'server_url', [
      `server_url has the host ${url.hostname}`,
      'Clients cannot connect to it',
      fix,
    ])
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    const words: Words = [
      'server_url has a path',
      'Clients connect to /ts2021 of the host, without the path',
      `Write ${url.origin}`,
    ]
    context.error('server-url', 'server_url', words)
  }
  if (settings.text('oidc.issuer') !== '' && /^https:\/\/[^/]+:443(?:\/|$)/.test(text)) {
    const words: Words = [
      'server_url names port 443',
      'The redirect URI of single sign-on contains it too, and most providers compare the text',
      `Write ${url.origin}`,
    ]
    context.warning('server-url-port', 'server_url', words)
  }
}

interface Listener {
  key: string
  host: string
  port: string
}

function checkListeners(context: Context): void {
  const {settings, rules} = context
  const listeners: Listener[] = []
  const add = (key: string, byDefault: string, isUsed = true) => {
    if (!isUsed) return
    const text = settings.text(key, byDefault)
    const listen = parseListen(text)
    if (text === '' && key === 'listen_addr') {
      const words: Words = [
        'listen_addr is missing',
        'headscale listens on a random port of every address',
        'Add listen_addr: 127.0.0.1:8080, or 0.0.0.0:8080',
      ]
      context.error('listen-address', key, words)
    } else if (text === '') {
      if (key !== 'metrics_listen_addr' || rules.metricsCanBeOff) return
      const words: Words = [
        'metrics_listen_addr is missing',
        'headscale listens on a random port of every address',
        'Add metrics_listen_addr: 127.0.0.1:9090',
      ]
      context.warning('listen-address', key, words)
    } else if (listen === null || listen.port === '') {
      const words: Words = [
        `${key} '${text}' is not HOST:PORT`,
        STOPS,
        `Write ${/^[0-9]+$/.test(text) ? `127.0.0.1:${text}` : '127.0.0.1:8080, or [::1]:8080 for IPv6'}`,
      ]
      context.error('listen-address', key, words)
    } else listeners.push({key, ...listen})
  }
  const grpc = rules.remoteGrpc && (servesTls(context) || settings.bool('grpc_allow_insecure', false))
  add('listen_addr', '')
  add('metrics_listen_addr', '')
  add('grpc_listen_addr', ':50443', grpc)
  const http01 = settings.text('tls_letsencrypt_challenge_type', 'HTTP-01') === 'HTTP-01'
  add('tls_letsencrypt_listen', ':http', http01 && settings.text('tls_letsencrypt_hostname') !== '')
  for (const [index, {key, host, port}] of listeners.entries()) {
    const other = listeners.slice(0, index).find((before) => before.port === port && overlap(before.host, host))
    if (other === undefined || port === '0') continue
    context.error('listen-conflict', key, [
      `${key} and ${other.key} have the same port ${port}`,
      STOPS,
      'Use another port for one of them',
    ])
  }
  const metrics = listeners.find(({key}) => key === 'metrics_listen_addr')
  if (metrics !== undefined && !isLoopback(metrics.host)) {
    const what = rules.metricsCanBeOff ? 'metrics and debug pages, with names and keys of nodes,' : 'metrics'
    context.warning('metrics-public', metrics.key, [
      `metrics_listen_addr ${settings.text(metrics.key)} is reachable from other machines`,
      `Everybody who can connect to it sees ${what} without a password`,
      `Write 127.0.0.1:${metrics.port}, or restrict the port in the firewall`,
    ])
  }
  const remote = listeners.find(({key}) => key === 'grpc_listen_addr')
  if (remote !== undefined && !servesTls(context) && !isLoopback(remote.host)) {
    context.warning('grpc-insecure', 'grpc_allow_insecure', [
      'grpc_allow_insecure opens the gRPC port to other machines without TLS',
      'API keys cross the network readable',
      'Delete grpc_allow_insecure, or write grpc_listen_addr: 127.0.0.1:50443',
    ])
  }
}

function overlap(one: string, other: string): boolean {
  return one === other || isWildcard(one) || isWildcard(other)
}

/** Of a socket address in Linux, without the byte at its end. */
const MAX_SOCKET_PATH = 107

function checkSocket(context: Context): void {
  const text = context.settings.text('unix_socket')
  if (Buffer.byteLength(text) > MAX_SOCKET_PATH) {
    const words: Words = [
      `unix_socket has ${Buffer.byteLength(text)} bytes`,
      `${STOPS}: a socket path has at most ${MAX_SOCKET_PATH}`,
      'Use a shorter path',
    ]
    context.error('socket-path', 'unix_socket', words)
  }
}

function checkProxy(context: Context): void {
  const {settings, rules} = context
  const url = serverUrl(context)
  const proxies = settings.list('trusted_proxies')
  if (rules.trustedProxies) {
    for (const {text, place} of proxies) {
      const prefix = parsePrefix(text)
      const key = 'trusted_proxies'
      const address = `${text}/${isIP(text) === 6 ? 128 : 32}`
      if (prefix === null) {
        const fix = isIP(text) === 0 ? 'Write a prefix such as 127.0.0.1/32' : `Write ${address}`
        context.error('trusted-proxies', key, [`'${text}' in trusted_proxies is not a prefix`, STOPS, fix], place)
      } else if (prefix.bits === 0) {
        context.error(
          'trusted-proxies',
          key,
          [
            `${text} in trusted_proxies trusts everybody`,
            STOPS,
            'Write the address of the proxy, such as 127.0.0.1/32',
          ],
          place,
        )
      }
    }
  }
  const listen = parseListen(settings.text('listen_addr'))
  if (url === null || listen === null || servesTls(context) || url.protocol !== 'https:') return
  if (!isLoopback(listen.host) && proxies.length === 0) {
    context.warning('plain-listener', 'listen_addr', [
      `server_url is https, and headscale speaks plain HTTP on ${settings.text('listen_addr')}`,
      'Clients need TLS there: a proxy must terminate it, and other machines can bypass the proxy',
      `Behind a proxy on this machine, write 127.0.0.1:${listen.port}; without one, set tls_letsencrypt_hostname or tls_cert_path`,
    ])
  } else if (isLoopback(listen.host) && rules.trustedProxies && proxies.length === 0) {
    context.warning('trusted-proxies', 'listen_addr', [
      'headscale is behind a proxy, and trusted_proxies is empty',
      `headscale ${rules.release} ignores the headers of the proxy and logs its address for every client`,
      'Add trusted_proxies: [127.0.0.1/32, ::1/128]',
    ])
  }
}
