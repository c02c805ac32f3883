/**
 * What an answer to the DERP upgrade means, compared with the answer to the same path without one.
 *
 * derper answers 426 to a plain `GET /derp` and 101 to an upgrade. A proxy that removes the upgrade turns the second into
 * the first, and a proxy whose relay is down answers 502 to both.
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
      `GET /derp gets the answer of a relay (${plain.status}), but the upgrade gets ${status}${by}: a proxy removes it`,
    )
  }
  if (status >= 502 && status <= 504) {
    return new PathFault('proxy', `an HTTP proxy answers ${status}${by}: it does not reach the relay`)
  }
  if (answer.excerpt.includes('derp server disabled')) return new PathFault('relay-disabled', null)
  const where = answer.headers.get('location')
  const what = where === undefined ? `answers ${status}${by}` : `redirects to ${where} (${status}${by})`
  return new PathFault('not-derp', `a web server that is not a DERP relay: the upgrade of /derp ${what}`)
}

function proxyName({headers}: HttpHead): string | null {
  return headers.get('via') ?? headers.get('server') ?? null
}
