/**
 * Keeps what each step of a check came to, in time, so that a report can show how far it got.
 */
import {STEPS} from './result.ts'
import type {Step, StepName} from './result.ts'

export class StepLog {
  readonly #steps = new Map<StepName, Step>()

  record(name: StepName, outcome: 'ok' | 'failed', ms: number, detail = ''): void {
    this.#steps.set(name, {name, outcome, ms, detail})
  }

  /** Runs a step and records it; a fault is recorded and goes on. `tell` puts words to a success. */
  async run<T>(name: StepName, work: () => Promise<T>, tell: (result: T) => string = () => ''): Promise<T> {
    const start = performance.now()
    try {
      const result = await work()
      this.record(name, 'ok', performance.now() - start, tell(result))
      return result
    } catch (error) {
      this.record(name, 'failed', performance.now() - start, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  /** Every step, those never reached as skipped. */
  list(): Step[] {
    return STEPS.map((name) => this.#steps.get(name) ?? {name, outcome: 'skipped', ms: null, detail: ''})
  }
}
