/**
 * Records outcome and duration of each step, so that a report shows how far the check got.
 */
import type {Trace} from '../read/read.ts'
import {STEPS} from './result.ts'
import type {Step, StepName} from './result.ts'

export class StepLog {
  readonly #steps = new Map<StepName, Step>()
  readonly #trace: Trace | undefined

  /** @param trace receives a line for each step that ends */
  constructor(trace?: Trace) {
    this.#trace = trace
  }

  record(name: StepName, outcome: 'ok' | 'failed', ms: number, detail = ''): void {
    this.#steps.set(name, {name, outcome, ms, detail})
    this.#trace?.(`${name}: ${outcome}, ${Math.round(ms)} ms${detail === '' ? '' : `, ${detail}`}`)
  }

  /** Runs a step and records it; a fault is recorded and thrown again. `describe` gives the detail of a success. */
  async run<T>(name: StepName, work: () => Promise<T>, describe: (result: T) => string = () => ''): Promise<T> {
    const start = performance.now()
    try {
      const result = await work()
      this.record(name, 'ok', performance.now() - start, describe(result))
      return result
    } catch (error) {
      this.record(name, 'failed', performance.now() - start, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  /** Every step; those that were not reached are skipped. */
  list(): Step[] {
    return STEPS.map((name) => this.#steps.get(name) ?? {name, outcome: 'skipped', ms: null, detail: ''})
  }
}
