/**
 * Writing the approved routes of one node without losing what others write at the same time.
 *
 * A release that keeps a set replaces the whole of it, so of two clients that both read before either wrote, the second
 * takes the first one's change back. Runs of one user on one machine take turns, by a lock that the caller gives. What
 * others do shows when the set is read again after a pause longer than they need between reading and writing; the
 * change is then made again on top of theirs.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import type {ControlApi} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {approvedOf, sameSet, setMismatch} from './route-sets.ts'

export interface RouteUpdate {
  /** The approved routes to write, from those there are. Called again when somebody else changed them. */
  target(current: readonly Route[]): string[]
  /** Whether the routes are as requested, whatever else others changed. */
  isDone(current: readonly Route[]): boolean
  /** How often the set is written at most, against others who change it back. */
  attempts: number
}

export interface UpdateOptions {
  /** Does the work while no other run has the lock of this name. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>
  /** How long to go on while others change the same node. */
  timeoutMs: number
  /** Tells the user that others changed the node meanwhile. */
  note(text: string): void
}

/**
 * @returns the node's routes afterwards, fresh from the server
 * @throws HeadscaleError (invalid-input) when the server's set is not what was written
 */
export function updateRoutes(
  api: ControlApi,
  node: Node,
  update: RouteUpdate,
  {lock, timeoutMs, note}: UpdateOptions,
): Promise<Route[]> {
  return lock(`routes-${node.id}`, async () => {
    const writer = new RouteWriter(api, node, update)
    const routes = await writer.run(Date.now() + timeoutMs)
    if (writer.writes > 1) {
      note(`another client changed the routes of ${nodeName(node)} meanwhile; they were set ${writer.writes} times`)
    }
    return routes
  })
}

/** The shortest pause before the set is read again. */
const SHORTEST_PAUSE_MS = 40

/** The pause in units of the time that reading and writing took here: others need about as long. */
const PAUSE_FACTOR = 2

class RouteWriter {
  readonly #api: ControlApi
  readonly #node: Node
  readonly #update: RouteUpdate
  #slowest = 0
  /** Times the set was written: more than one when somebody else changed it meanwhile. */
  writes = 0

  constructor(api: ControlApi, node: Node, update: RouteUpdate) {
    this.#api = api
    this.#node = node
    this.#update = update
  }

  async run(deadline: number): Promise<Route[]> {
    let current = await this.#read()
    let ignored = 0
    for (;;) {
      const target = this.#update.target(current)
      if (sameSet(target, approvedOf(current))) return current
      const after = await this.#write(target, current)
      if (sameSet(approvedOf(after), approvedOf(current))) ignored++
      current = await this.#readLater(after)
      if (this.#update.isDone(current)) return current
      const giveUp = ignored === 2 || this.writes >= this.#update.attempts || Date.now() > deadline
      if (giveUp) throw setMismatch(this.#node, target, approvedOf(current))
    }
  }

  #read(): Promise<Route[]> {
    return this.#api.routes.ofNode(this.#node)
  }

  async #write(target: readonly string[], current: readonly Route[]): Promise<Route[]> {
    const start = Date.now()
    await this.#api.routes.setApproved(this.#node, target, current)
    this.writes++
    const after = await this.#read()
    this.#slowest = Math.max(this.#slowest, Date.now() - start)
    return after
  }

  /** The routes after a pause, or several where others are known to change the node. */
  async #readLater(after: Route[]): Promise<Route[]> {
    // Releases that switch route by route lose nothing.
    if (this.#api.server.capabilities.routes === 'rows') return after
    let last = after
    let rounds = Math.min(this.writes, 3)
    for (let round = 1; round <= rounds; round++) {
      const pause = Math.max(SHORTEST_PAUSE_MS, PAUSE_FACTOR * this.#slowest)
      await sleep(pause * this.writes * (1 + Math.random()))
      const now = await this.#read()
      if (!this.#update.isDone(now)) return now
      if (!sameSet(approvedOf(now), approvedOf(last))) rounds = Math.min(rounds + 1, 5)
      last = now
    }
    return last
  }
}
