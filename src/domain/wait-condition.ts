/**
 * States of a node that a command can wait for. Pure rules over a node that was already read, in the words of
 * CONTRIBUTING.md: available, approved, serving.
 */
import {isExpired, type Node, nodeName} from './node.ts'
import {canonicalPrefix, isExitRoute} from './values/prefix.ts'

export type WaitCondition =
  | {is: 'online' | 'offline' | 'expired'}
  /** `route` is available and approved. `prefix` is canonical. */
  | {is: 'route' | 'available' | 'serving'; prefix: string}

/**
 * What a node lacks, in words: `web-1 is offline`; null if the condition holds.
 * @param node with its routes (withRoutes) for a condition about them
 */
export function missing(node: Node, condition: WaitCondition, now: Date): string | null {
  const name = `${nodeName(node)} (id ${node.id})`
  switch (condition.is) {
    case 'online':
      return node.online ? null : `${name} is offline`
    case 'offline':
      return node.online ? `${name} is online` : null
    case 'expired':
      return isExpired(node, now) ? null : `the key of ${name} has not expired`
    default: {
      const lacks = missingRoute(node, condition)
      return lacks && `${name} ${lacks}`
    }
  }
}

function missingRoute({routes}: Node, {is, prefix}: WaitCondition & {prefix: string}): string | null {
  const has = (list: readonly string[] | null | undefined) => (list ?? []).map(canonicalPrefix).includes(prefix)
  if (!has(routes?.available)) return `does not advertise ${prefix}`
  if (is === 'available') return null
  if (!has(routes?.approved)) return `advertises ${prefix}, which is not approved`
  // Clients choose among exit nodes, so none of them is the serving one.
  return is === 'route' || isExitRoute(prefix) || has(routes?.serving) ? null : `does not serve ${prefix}`
}

/** Whether a condition needs the routes of a node. */
export function isAboutRoutes({is}: WaitCondition): boolean {
  return is === 'route' || is === 'available' || is === 'serving'
}
