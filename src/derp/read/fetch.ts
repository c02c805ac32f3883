/**
 * GET as headscale does it for `derp.urls`: redirects followed, proxies of the environment used, the user and password
 * of the URL sent, any status accepted, one limit on the whole time. Load this module when there is a URL to fetch;
 * undici is large.
 */
import {EnvHttpProxyAgent, interceptors} from 'undici'

import {HeadscaleError} from '../../errors.ts'
import {displayName} from './url.ts'

/**
 * Fetches a body, as far as `collect` takes it.
 *
 * @param timeout in milliseconds, over all
 * @throws HeadscaleError `timeout`, `unreachable`, or what `collect` throws
 */
export async function fetchBytes(
  url: string,
  timeout: number,
  collect: (body: AsyncIterable<Uint8Array>) => Promise<Uint8Array>,
): Promise<{status: number; bytes: Uint8Array}> {
  const agent = new EnvHttpProxyAgent()
  const dispatcher = agent.compose(interceptors.redirect({maxRedirections: 10}))
  const signal = AbortSignal.timeout(timeout)
  const name = displayName(url)
  try {
    const {address, authorization} = withoutCredentials(url)
    const headers = {accept: 'application/json', ...(authorization !== null && {authorization})}
    const {origin, pathname, search} = new URL(address)
    const {statusCode, body} = await dispatcher.request({
      origin,
      path: pathname + search,
      method: 'GET',
      signal,
      headers,
    })
    return {status: statusCode, bytes: await collect(body)}
  } catch (cause) {
    if (cause instanceof HeadscaleError) throw cause
    if (signal.aborted) {
      const hint = 'headscale gives up after 30 s too; check the server behind the URL'
      throw new HeadscaleError('timeout', `timed out after ${timeout / 1000} s: ${name}`, {hint, cause})
    }
    throw new HeadscaleError('unreachable', `cannot fetch ${name}: ${reasonOf(cause)}`, {
      hint: 'headscale must be able to fetch it, over https with a trusted certificate or over http',
      cause,
    })
  } finally {
    await agent.destroy()
  }
}

/** The URL to ask, and the header for its user and password, as Go sends it. */
function withoutCredentials(url: string): {address: URL; authorization: string | null} {
  const address = new URL(url)
  const {username, password} = address
  if (username === '' && password === '') return {address, authorization: null}
  address.username = ''
  address.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {address, authorization: `Basic ${Buffer.from(pair).toString('base64')}`}
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const {code, message} = cause as NodeJS.ErrnoException
  return message === '' ? (code ?? cause.name) : message
}
