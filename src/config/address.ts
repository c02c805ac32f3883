/**
 * Parses the address of a server into the base URL of requests.
 *
 * headscale up to 0.29 accepts `host:port` and always uses TLS, 0.30 accepts a URL; both forms work here. Errors do not
 * quote the address, since user info and a query can contain a key by mistake. The port 50443 is kept; api/link-http.ts
 * decides what to do with it.
 */
import {type HeadscaleError, usageError} from '../errors.ts'
import {looksSecret} from '../text/secrets.ts'

const HINT = 'write a host, host:port or URL, for example https://headscale.example.com'

/**
 * Reads an address.
 *
 * @param text a host, `host:port` (both mean https) or an http(s) URL, with or without a path, with or without
 *   `/api/v1` at its end
 * @param source where it was given, for messages
 * @returns an http(s) URL whose path ends in `/`, without `/api/v1`, user info, query and fragment
 */
export function parseAddress(text: string, source: string): URL {
  const invalid = (reason: string, hint = HINT): HeadscaleError =>
    usageError(`invalid address from ${source}: ${reason}`, hint)

  if (/[\s\p{Cc}]/u.test(text)) throw invalid('it contains white space or a control character')
  if (!text.includes('/') && looksSecret(text)) {
    throw invalid('it looks like an API key', 'check whether the address and the key are swapped')
  }
  if (/^(\.{0,2}\/|unix:)/i.test(text)) {
    throw invalid('it is a file path', 'for a unix socket use --socket or HEADSCALE_UNIX_SOCKET')
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)
  const rest = text.slice(scheme?.[0].length ?? 0)
  const protocol = scheme?.[1]?.toLowerCase() ?? 'https'
  if (protocol !== 'https' && protocol !== 'http') {
    throw invalid(`unsupported scheme "${protocol}"`, 'use https:// or http://')
  }
  if (rest.includes('\\')) throw invalid('it contains a backslash')
  const [authority = ''] = rest.split(/[/?#]/, 1)
  if (authority.includes('@')) {
    throw invalid(
      'it contains a user or password',
      'remove everything before the @; the API key goes into --api-key-file or HEADSCALE_CLI_API_KEY',
    )
  }
  if (/[?#]/.test(rest)) throw invalid('it contains a query or fragment', 'remove everything from the ? or # on')

  const parts = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(authority)
  if (parts === null) {
    throw invalid('expected a host and a port', 'write an IPv6 address in brackets, for example [fd00::1]:443')
  }
  const [, host = '', port] = parts
  // The URL standard reads a host of digits as an IPv4 address: 8080 would be 0.0.31.144.
  if (host === '' || /^\d+$/.test(host)) throw invalid('it has no host name')
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw invalid('invalid port', 'a port is a number from 1 to 65535')
  }

  let url: URL
  try {
    url = new URL(`${protocol}://${rest}`)
  } catch {
    throw invalid('invalid host name')
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/+api\/+v1$/, '')}/`
  return url
}
