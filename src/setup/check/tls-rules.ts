/** TLS of the server itself: certificate files, or a certificate from an ACME service. */
import {isIP} from 'node:net'
import {parseListen} from '../config/values.ts'
import {serverUrl, servesTls} from './server-rules.ts'
import type {Context} from './context.ts'

const STOPS = 'headscale does not start'

export function checkTls(context: Context): void {
  const {settings} = context
  const host = settings.text('tls_letsencrypt_hostname')
  const cert = settings.text('tls_cert_path')
  const key = settings.text('tls_key_path')
  const challenge = settings.text('tls_letsencrypt_challenge_type', 'HTTP-01')
  if (host !== '' && (cert !== '' || key !== '')) {
    const other = cert === '' ? 'tls_key_path' : 'tls_cert_path'
    context.error('tls-conflict', 'tls_letsencrypt_hostname', [
      `tls_letsencrypt_hostname and ${other} are both set`,
      STOPS,
      'Keep one of them',
    ])
  }
  if (challenge !== 'HTTP-01' && challenge !== 'TLS-ALPN-01') {
    context.error('acme-challenge', 'tls_letsencrypt_challenge_type', [
      `tls_letsencrypt_challenge_type is '${challenge}'`,
      STOPS,
      'Write HTTP-01 or TLS-ALPN-01',
    ])
  }
  if (host === '' && cert !== '' && key === '') {
    context.error('tls-pair', 'tls_cert_path', ['tls_cert_path is set without tls_key_path', STOPS, 'Add tls_key_path'])
  }
  if (cert === '' && key !== '' && host === '') {
    context.error('tls-pair', 'tls_key_path', [
      'tls_key_path is set without tls_cert_path',
      'headscale serves plain HTTP',
      'Add tls_cert_path',
    ])
  }
  const url = serverUrl(context)
  if (servesTls(context) && url?.protocol === 'http:') {
    context.error('tls-url', 'server_url', [
      'server_url is http, and headscale serves TLS',
      'Clients speak plain HTTP to a TLS port and fail',
      `Write https://${url.host}`,
    ])
  }
  if (host !== '') checkAcme(context, host, challenge, url)
}

function checkAcme(context: Context, host: string, challenge: string, url: URL | null): void {
  const {settings} = context
  if (isIP(host) !== 0 || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(host)) {
    context.error('acme-host', 'tls_letsencrypt_hostname', [
      `tls_letsencrypt_hostname '${host}' is not a host name`,
      "Let's Encrypt gives no certificate for it, so no client can connect",
      'Write the host name of server_url',
    ])
  } else if (url !== null && url.hostname !== host.toLowerCase()) {
    context.error('acme-host', 'tls_letsencrypt_hostname', [
      `tls_letsencrypt_hostname is ${host}, and the host of server_url is ${url.hostname}`,
      'Clients get no certificate for the host they ask for',
      `Write ${url.hostname}`,
    ])
  }
  const listen = parseListen(settings.text('listen_addr'))
  if (challenge === 'TLS-ALPN-01' && listen !== null && listen.port !== '443') {
    context.warning('acme-port', 'listen_addr', [
      `TLS-ALPN-01 needs port 443, and listen_addr is ${settings.text('listen_addr')}`,
      'The certificate cannot be issued or renewed unless port 443 is forwarded',
      'Write listen_addr: 0.0.0.0:443',
    ])
  }
  const http = parseListen(settings.text('tls_letsencrypt_listen', ':http'))
  if (challenge === 'HTTP-01' && http !== null && http.port !== '80') {
    context.warning('acme-port', 'tls_letsencrypt_listen', [
      `HTTP-01 needs port 80, and tls_letsencrypt_listen is ${settings.text('tls_letsencrypt_listen')}`,
      'The certificate cannot be issued or renewed unless port 80 is forwarded',
      'Write tls_letsencrypt_listen: ":http"',
    ])
  }
  const cache = settings.text('tls_letsencrypt_cache_dir')
  if (cache === '') {
    context.warning('acme-cache', 'tls_letsencrypt_cache_dir', [
      'tls_letsencrypt_cache_dir is missing',
      'headscale uses /var/www/.cache, which its user usually cannot write, and asks for a certificate at each start',
      'Add tls_letsencrypt_cache_dir: /var/lib/headscale/cache',
    ])
  }
}
