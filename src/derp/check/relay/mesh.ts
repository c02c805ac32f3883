/**
 * Whether the relays of one region are meshed: clients of a region reach each other only if a packet gets from a client
 * on one of its nodes to a client on another. Two derpers in one region without `-mesh-with` each look healthy, and
 * split the tailnet.
 */
import {admit, relayPacket} from './probe-relay.ts'
import type {CheckContext} from '../context.ts'
import {PathFault} from '../../net/fault.ts'
import type {MeshResult, NodeResult, PathResult} from '../result.ts'
import {RelaySessions} from './sessions.ts'

/** A mesh forwards within milliseconds; after this time nothing will arrive. */
const LIMIT_MS = 3000
/** The answer of a relay to GET /derp, which these nodes have given before. */
const RELAY_PAGE = {status: 426, headers: new Map<string, string>(), excerpt: ''}

/** Tries the first working node with each other one. A pair that could not be tried is left out. */
export async function checkMesh(nodes: readonly NodeResult[], outer: CheckContext): Promise<MeshResult[]> {
  // A supplied node key is one client, and a pair needs two.
  if (outer.credentials?.nodeKey != null) return []
  const context = {...outer, timeoutMs: Math.min(outer.timeoutMs, LIMIT_MS)}
  const working = nodes.flatMap((result) => {
    const path = result.paths.find(hasForwarded)
    return path === undefined ? [] : [{node: result.node, address: path.address}]
  })
  const [first, ...others] = working
  if (first === undefined) return []
  const results = await Promise.all(
    others.map(async (other) => {
      const pair = [first, other].map(({node, address}) => new RelaySessions(node, address, context))
      const forwarded = await forwards(pair[0]!, pair[1]!, context)
      return forwarded === null ? [] : [{from: first.node.name, to: other.node.name, forwarded}]
    }),
  )
  return results.flat()
}

function hasForwarded({steps}: PathResult): boolean {
  return steps.some(({name, outcome}) => name === 'packet' && outcome === 'ok')
}

/** null when one of them did not admit the check this time. */
async function forwards(one: RelaySessions, other: RelaySessions, context: CheckContext): Promise<boolean | null> {
  const meshKey = context.credentials?.meshKey ?? null
  try {
    const keyFor = ({rule}: RelaySessions): string | null => (rule.kind === 'insecure' ? null : meshKey)
    const [a, b] = await Promise.all([admit(one, RELAY_PAGE, keyFor(one)), admit(other, RELAY_PAGE, keyFor(other))])
    await relayPacket(a, b, one, context)
    await relayPacket(b, a, other, context)
    return true
  } catch (error) {
    context.signal.throwIfAborted()
    if (!(error instanceof PathFault)) throw error
    return error.code === 'no-forwarding' ? false : null
  } finally {
    one.close()
    other.close()
  }
}
