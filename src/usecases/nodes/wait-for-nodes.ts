/** One look at the nodes that a command waits for. */
import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {isAboutRoutes, missing, type WaitCondition} from '../../domain/wait-condition.ts'
import {HeadscaleError} from '../../errors.ts'
import {withCachedReads} from '../bulk/cached-reads.ts'
import type {Check} from '../wait-until.ts'
import {resolveNode} from './resolve-node.ts'
import {selectNodes} from './select-nodes.ts'
import {withRoutes} from './with-routes.ts'

interface Waited {
  /** Nodes in any form that resolveNode accepts. A node that does not exist can still join. */
  words: readonly string[]
  /** In place of words. */
  selector: NodeSelector<string> | null
  conditions: readonly WaitCondition[]
  /** Return the nodes with their routes. */
  routes: boolean
}

/**
 * A check for waitUntil: every node meets every condition.
 *
 * The nodes of a selector are those that match when the first of them appears. Otherwise a node would leave the
 * selection by meeting the condition: `--offline`, waiting for online.
 * @returns a function that keeps this selection between its calls
 */
export function nodeCheck({
  words,
  selector,
  conditions,
  routes,
}: Waited): (api: ControlApi, now: Date) => Promise<Check<Node[]>> {
  let selected: string[] = []

  async function find(api: ControlApi, now: Date): Promise<{nodes: Node[]; absent: string[]}> {
    if (!selector) return findNamed(api, words)
    if (selected.length === 0) {
      const nodes = await selectNodes(api, selector, now)
      selected = nodes.map(({id}) => id)
      return {nodes, absent: nodes.length === 0 ? ['no nodes match'] : []}
    }
    const nodes = (await api.nodes.list()).filter(({id}) => selected.includes(id))
    const removed = selected.filter((id) => !nodes.some((node) => node.id === id))
    if (removed.length > 0) {
      throw new HeadscaleError('not-found', `removed while waiting for it: node ${removed.join(', ')}`, {
        hint: 'see: headscale-ts nodes list',
      })
    }
    return {nodes, absent: []}
  }

  return async (api, now) => {
    if (conditions.some(({is}) => is === 'serving')) api.requireReported('serving-routes', '--for')
    const {nodes, absent} = await find(api, now)
    const complete = conditions.some(isAboutRoutes) || routes ? await withRoutes(api, nodes) : nodes
    const unmet = complete.flatMap((node) => conditions.flatMap((condition) => missing(node, condition, now) ?? []))
    const pending = [...absent, ...unmet]
    return pending.length === 0 ? {done: complete} : {pending: shortened(pending)}
  }
}

async function findNamed(api: ControlApi, words: readonly string[]): Promise<{nodes: Node[]; absent: string[]}> {
  const cached = withCachedReads(api)
  const nodes = new Map<string, Node>()
  const absent: string[] = []
  for (const word of words) {
    try {
      const node = await resolveNode(cached, word)
      nodes.set(node.id, node)
    } catch (error) {
      if (!(error instanceof HeadscaleError) || error.code !== 'not-found') throw error
      absent.push(error.message)
    }
  }
  return {nodes: [...nodes.values()], absent}
}

const SHOWN = 3

/** The first of many facts, and the number of the others. */
function shortened(facts: readonly string[]): string {
  const more = facts.length - SHOWN
  return [...facts.slice(0, SHOWN), ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
