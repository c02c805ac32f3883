/**
 * What an answer to the DERP upgrade means, beside the answer to the same path without one.
 *
 * derper says 426 to a plain `GET /derp` and 101 to an upgrade. A proxy that takes the upgrade away turns the second
 * into the first, and a proxy whose relay is gone says 502 to both; neither is any use to a client.
 */
import {PathFault} from '../../net/fault.ts'
import type {HttpHead} from '../../net/http.ts'

/** null when the relay switched to DERP. */
export function upgradeFault(plain: HttpHead, answer: HttpHead): PathFault | null {
  const {status} = answer
  if (status === 101) return null
  const via = proxyName(answer)
  const by = via === null ? '' : `, by ${via}`
  if (status === 426 || plain.status === 426) {
    return new PathFault(
      'proxy',
      `GET /derp answers as a relay does (${plain.status}), the upgrade gets ${status}${by}: it is taken away in between`,
    )
  }
  if (status >= 502 && status <= 504) {
    return new PathFault('proxy', `an HTTP proxy answers ${status}${by}: it does not reach a relay`)
  }
  if (answer.excerpt.includes('derp server disabled')) return new PathFault('relay-disabled', null)
  const where = answer.headers.get('location')
  const what = where === undefined ? `answers ${status}${by}` : `sends to ${where} (${status}${by})`
  return new PathFault('not-derp', `a web server that is no DERP relay: the upgrade of /derp ${what}`)
}

function proxyName({headers}: HttpHead): string | null {
  return headers.get('via') ?? headers.get('server') ?? null
}
