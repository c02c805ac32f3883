/**
 * A server's address as people write it, made into the URL that requests start from.
 *
 * headscale up to 0.29 takes `host:port` and always speaks TLS to it, 0.30 takes a URL; both forms mean the same
 * here. What an address must not carry is refused before it is quoted anywhere: user info and a query are where a
 * key ends up by mistake. The port 50443 is kept; what to make of it is decided when connecting.
 */
import {type HeadscaleError, usageError} from '../errors.ts'

const HINT = 'write a host, host:port or URL, as in https://headscale.example.com'
const SOCKET_HINT = 'a unix socket is given with --socket or HEADSCALE_UNIX_SOCKET'

/** `PREFIX.SECRET` up to 0.27, `hskey-…` from 0.28: no host name looks so, and an error would quote it. */
const KEY_FORM = /^(hskey-|[\w-]{7,10}\.[\w-]{32,}$)/

/**
 * Reads an address.
 *
 * @param text a host, `host:port` (both mean https) or an http(s) URL, with or without a path, with or without
 *   `/api/v1` at its end
 * @param source where it was given, for messages
 * @returns an http(s) URL whose path ends in `/`, without `/api/v1`, user info, query and fragment
 */
export function parseAddress(text: string, source: string): URL {
  const refuse = (what: string, hint = HINT): HeadscaleError => usageError(`the address from ${source} ${what}`, hint)

  if (/[\s\p{Cc}]/u.test(text)) throw refuse('contains white space or a control character')
  if (KEY_FORM.test(text)) throw refuse('looks like an API key', 'the two may have been swapped')
  if (/^(\.{0,2}\/|unix:)/i.test(text)) throw refuse('is a path, not an address', SOCKET_HINT)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)
  const rest = text.slice(scheme?.[0].length ?? 0)
  const protocol = scheme?.[1]?.toLowerCase() ?? 'https'
  if (protocol !== 'https' && protocol !== 'http') {
    throw refuse(`has the scheme "${protocol}"`, 'only http and https are spoken to a remote server')
  }
  if (rest.includes('\\')) throw refuse('contains a backslash')
  const [authority = ''] = rest.split(/[/?#]/, 1)
  if (authority.includes('@')) {
    throw refuse('contains user info', 'leave out what stands before the @; the API key has its own place')
  }
  if (/[?#]/.test(rest)) throw refuse('contains a query or a fragment', 'leave out everything from the ? or # on')

  const parts = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(authority)
  if (parts === null)
    throw refuse('is not a host with a port', 'an IPv6 address stands in brackets, as in [fd00::1]:443')
  const [, host = '', port] = parts
  // The URL standard reads a host of digits as an IPv4 address: 8080 would be 0.0.31.144.
  if (host === '' || /^\d+$/.test(host)) throw refuse('names no host')
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw refuse('has a bad port', 'a port is a number from 1 to 65535')
  }

  let url: URL
  try {
    url = new URL(`${protocol}://${rest}`)
  } catch {
    throw refuse('names no valid host')
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/+api\/+v1$/, '')}/`
  return url
}

/** Whether what is sent to this URL stays on this machine. */
export function isLoopback(url: URL): boolean {
  return /^(localhost\.?|.*\.localhost\.?|127\.[\d.]+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/.test(url.hostname)
}
