/**
 * Routes of 0.18 to 0.25: rows with ids, each enabled or not, one of those for a prefix the primary.
 *
 * What the releases do alike; how a row is printed and which calls there are is the business of the simulators. Behaviour:
 * hscontrol/routes.go at v0.22.3, hscontrol/db/routes.go at v0.23.0.
 */
import {EXIT_ROUTES} from '../../prefix.ts'
import {serverError} from '../../server-error.ts'
import {remove, type Node, type RouteRow, type Tailnet} from '../../tailnet.ts'
import {id, time, type Handler, type Message} from './release-simulator.ts'

/** What the rules depend on. */
export interface RowRules {
  /** Which calls on an exit route act on both families. */
  pairsExits: 'never' | 'enabling' | 'always'
  /** How the releases word that the other exit route is not there. */
  unavailable: string
  /** Whether the server looks for a better primary every few seconds, or only when one is lost (0.23 and later). */
  keepsLooking: boolean
  isOnline(tailnet: Tailnet, node: Node): boolean
}

export function isExit({prefix}: RouteRow): boolean {
  return EXIT_ROUTES.includes(prefix)
}

function findRow(tailnet: Tailnet, rowId: string): RouteRow {
  const found = tailnet.routes.find((row) => row.id === rowId)
  if (!found) throw serverError('record not found')
  return found
}

function exitsOf(tailnet: Tailnet, {nodeId}: RouteRow): RouteRow[] {
  return tailnet.routes.filter((row) => row.nodeId === nodeId && isExit(row))
}

/** The calls that change one row, each answered with nothing. */
export function rowHandlers(rules: RowRules): Record<'enable' | 'disable' | 'destroy', Handler> {
  const affected = (tailnet: Tailnet, row: RouteRow) =>
    rules.pairsExits === 'always' && isExit(row) ? exitsOf(tailnet, row) : [row]
  return {
    enable: (tailnet, request) => {
      const row = findRow(tailnet, id(request, 'routeId'))
      const paired = rules.pairsExits !== 'never' && isExit(row)
      const rows = paired ? exitsOf(tailnet, row) : [row]
      const missing = paired && EXIT_ROUTES.find((exit) => !rows.some(({prefix}) => prefix === exit))
      // the server puts the two values in the wrong places
      if (missing) {
        throw serverError(
          `route (${tailnet.node(row.nodeId)?.name}) is not available on node ${missing}: ${rules.unavailable}`,
        )
      }
      for (const changed of rows) {
        Object.assign(changed, {enabled: true, primary: tailnet.isOnlyOffer(changed), updatedAt: tailnet.now()})
      }
      return {}
    },

    disable: (tailnet, request) => {
      for (const row of affected(tailnet, findRow(tailnet, id(request, 'routeId')))) {
        Object.assign(row, {enabled: false, updatedAt: tailnet.now()})
        // later servers leave the mark where it is when nobody else can take it
        if (rules.keepsLooking) row.primary = false
        else handOver(tailnet, row, rules)
      }
      settlePrimaries(tailnet, rules)
      return {}
    },

    destroy: (tailnet, request) => {
      const rows = affected(tailnet, findRow(tailnet, id(request, 'routeId')))
      for (const row of rows) {
        if (!rules.keepsLooking) handOver(tailnet, row, rules)
        remove(tailnet.routes, row)
      }
      settlePrimaries(tailnet, rules)
      return {}
    },
  }
}

/** Makes another online node primary instead of a row that is going. */
function handOver(tailnet: Tailnet, row: RouteRow, {isOnline}: RowRules): void {
  const successor = tailnet.routes.find(
    (other) =>
      other !== row && other.prefix === row.prefix && other.enabled && isOnline(tailnet, tailnet.node(other.nodeId)!),
  )
  if (row.primary && successor) [row.primary, successor.primary] = [false, true]
}

/** How long the servers that keep looking take between two looks, in milliseconds. */
const LOOKS_EVERY = 5000

/** What the next look of such a server finds, once it is time for it. */
export function lookForPrimaries(tailnet: Tailnet, rules: RowRules): void {
  const last = Math.max(0, ...tailnet.routes.map(({updatedAt}) => updatedAt.getTime()))
  if (tailnet.now().getTime() - last >= LOOKS_EVERY) settlePrimaries(tailnet, rules)
}

/**
 * Chooses who serves each prefix, where the server keeps looking: the first one enabled stays it, until it is offline
 * and another one is not.
 */
function settlePrimaries(tailnet: Tailnet, {keepsLooking, isOnline}: RowRules): void {
  if (!keepsLooking) return
  const enabled = tailnet.routes.filter((row) => row.enabled && !isExit(row))
  const serves = (row: RouteRow) => isOnline(tailnet, tailnet.node(row.nodeId)!)
  for (const row of enabled) {
    const rivals = enabled.filter((other) => other !== row && other.prefix === row.prefix)
    const primary = rivals.find((other) => other.primary)
    if (!row.primary && !primary) row.primary = true
    else if (row.primary && !serves(row)) {
      const successor = rivals.find(serves)
      if (successor) [row.primary, successor.primary] = [false, true]
    }
  }
}

/** A row in the order of the wire; what it says of the node stands under the word of the release. */
export function rowMessage(row: RouteRow, word: 'machine' | 'node', node: Message): Message {
  const message: Message = {
    id: row.id,
    [word]: node,
    prefix: row.prefix,
    advertised: row.advertised,
    enabled: row.enabled,
    isPrimary: row.primary,
    createdAt: time(row.createdAt),
    updatedAt: time(row.updatedAt),
    deletedAt: null,
  }
  // message set v0_19 has one message for both words, under the later one; JSON must not show it
  return word === 'node' ? message : Object.defineProperty(message, 'node', {value: node, enumerable: false})
}
