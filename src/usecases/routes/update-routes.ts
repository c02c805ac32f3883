/**
 * Writes the approved routes of one node without losing concurrent changes.
 *
 * A release that keeps a set replaces all of it: if two clients read it before either writes, the second write undoes
 * the first. Processes of one user on one machine are serialized by a lock that the caller passes. Changes of other
 * clients show when the set is read again after a pause that is longer than their time between read and write; the
 * change is then applied again on top of theirs.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import type {ControlApi} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {approvedOf, sameSet, setMismatch} from './route-sets.ts'

export interface RouteUpdate {
  /** The approved routes to write, given the current ones. Called again after another client changed them. */
  target(current: readonly Route[]): string[]
  /** Whether the request is fulfilled; other routes may have changed. */
  isDone(current: readonly Route[]): boolean
  /** Maximum number of writes, if other clients keep changing the set. */
  attempts: number
}

export interface UpdateOptions {
  /** Does the work while holding the lock with this name. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>
  /** How long to retry while other clients change the same node. */
  timeoutMs: number
  /** Tells the user that another client changed the node in the meantime. */
  note(text: string): void
}

/**
 * @returns the node's routes, read from the server after the change
 * @throws HeadscaleError (invalid-input) if the server's set is not the one that was written
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

/** The pause, as a multiple of the time that a read and a write took here: other clients need about as long. */
const PAUSE_FACTOR = 2

class RouteWriter {
  readonly #api: ControlApi
  readonly #node: Node
  readonly #update: RouteUpdate
  #slowest = 0
  /** Number of writes: more than one if another client changed the set in the meantime. */
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

  /** Reads the routes after a pause, or after several pauses if other clients are known to change the node. */
  async #readLater(after: Route[]): Promise<Route[]> {
    // Releases that change one route at a time lose nothing.
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
