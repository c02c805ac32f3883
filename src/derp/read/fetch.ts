/**
 * GET as headscale does it for `derp.urls`: redirects followed, proxies of the environment used, any status taken, a
 * limit on the whole time. Load this module when there is a URL to fetch; undici is large.
 */
import {EnvHttpProxyAgent, interceptors, request} from 'undici'

import {HeadscaleError} from '../../errors.ts'

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
  try {
    const {statusCode, body} = await request(url, {dispatcher, signal, headers: {accept: 'application/json'}})
    return {status: statusCode, bytes: await collect(body)}
  } catch (cause) {
    if (cause instanceof HeadscaleError) throw cause
    if (signal.aborted) {
      const hint = 'headscale gives up after 30 seconds too; look at the server behind the URL'
      throw new HeadscaleError('timeout', `${url} did not deliver within ${timeout / 1000} s`, {hint, cause})
    }
    throw new HeadscaleError('unreachable', `${url} cannot be fetched: ${reasonOf(cause)}`, {
      hint: 'headscale must be able to fetch it, over https with a trusted certificate or over http',
      cause,
    })
  } finally {
    await agent.destroy()
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const {code, message} = cause as NodeJS.ErrnoException
  return message === '' ? (code ?? cause.name) : message
}
