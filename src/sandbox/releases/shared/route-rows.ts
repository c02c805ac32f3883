/**
 * Routes of 0.18 to 0.25: rows with ids, each enabled or not; one of the rows of a prefix is the primary.
 *
 * What the releases have in common; the simulators decide which calls exist and how a row is printed. Behaviour:
 * hscontrol/routes.go at v0.22.3, hscontrol/db/routes.go at v0.23.0.
 */
import {EXIT_ROUTES} from '../../prefix.ts'
import {serverError} from '../../server-error.ts'
import {remove, type Node, type RouteRow, type Tailnet} from '../../tailnet.ts'
import {id, time, type Handler, type Message} from './release-simulator.ts'

/** What the rules depend on. */
export interface RowRules {
  /** Which calls on an exit route act on both families. */
  pairsExitRoutes: 'never' | 'enabling' | 'always'
  /** The error of a release if the other exit route is missing. */
  unavailableMessage: string
  /** Whether the server selects the primary again every few seconds, or only when it is lost (since 0.23). */
  selectsPeriodically: boolean
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

/** The calls that change one row, each with an empty reply. */
export function rowHandlers(rules: RowRules): Record<'enable' | 'disable' | 'destroy', Handler> {
  const affected = (tailnet: Tailnet, row: RouteRow) =>
    rules.pairsExitRoutes === 'always' && isExit(row) ? exitsOf(tailnet, row) : [row]
  return {
    enable: (tailnet, request) => {
      const row = findRow(tailnet, id(request, 'routeId'))
      const paired = rules.pairsExitRoutes !== 'never' && isExit(row)
      const rows = paired ? exitsOf(tailnet, row) : [row]
      const missing = paired && EXIT_ROUTES.find((exit) => !rows.some(({prefix}) => prefix === exit))
      // the server swaps the two values
      if (missing) {
        throw serverError(
          `route (${tailnet.node(row.nodeId)?.name}) is not available on node ${missing}: ${rules.unavailableMessage}`,
        )
      }
      for (const changed of rows) {
        Object.assign(changed, {enabled: true, primary: tailnet.isOnlyServer(changed), updatedAt: tailnet.now()})
      }
      return {}
    },

    disable: (tailnet, request) => {
      for (const row of affected(tailnet, findRow(tailnet, id(request, 'routeId')))) {
        Object.assign(row, {enabled: false, updatedAt: tailnet.now()})
        // later servers keep the primary if no other node can serve the prefix
        if (rules.selectsPeriodically) row.primary = false
        else handOver(tailnet, row, rules)
      }
      selectPrimaries(tailnet, rules)
      return {}
    },

    destroy: (tailnet, request) => {
      const rows = affected(tailnet, findRow(tailnet, id(request, 'routeId')))
      for (const row of rows) {
        if (!rules.selectsPeriodically) handOver(tailnet, row, rules)
        remove(tailnet.routes, row)
      }
      selectPrimaries(tailnet, rules)
      return {}
    },
  }
}

/** Makes another online node the primary in place of a row that is disabled or deleted. */
function handOver(tailnet: Tailnet, row: RouteRow, {isOnline}: RowRules): void {
  const successor = tailnet.routes.find(
    (other) =>
      other !== row && other.prefix === row.prefix && other.enabled && isOnline(tailnet, tailnet.node(other.nodeId)!),
  )
  if (row.primary && successor) [row.primary, successor.primary] = [false, true]
}

/** How often such servers select primaries, in milliseconds. */
const SELECTION_INTERVAL = 5000

/** Selects primaries again when it is time. */
export function selectPrimariesWhenDue(tailnet: Tailnet, rules: RowRules): void {
  const last = Math.max(0, ...tailnet.routes.map(({updatedAt}) => updatedAt.getTime()))
  if (tailnet.now().getTime() - last >= SELECTION_INTERVAL) selectPrimaries(tailnet, rules)
}

/**
 * Selects who serves each prefix: the first node with the route enabled, until it is offline and another one is online.
 */
function selectPrimaries(tailnet: Tailnet, {selectsPeriodically, isOnline}: RowRules): void {
  if (!selectsPeriodically) return
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

/** A row in the order of the wire; its node is in the field that the release has. */
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
  // message set v0_19 names the field `node` on all releases; JSON must not show it
  return word === 'node' ? message : Object.defineProperty(message, 'node', {value: node, enumerable: false})
}
