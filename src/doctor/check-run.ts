/**
 * Runs the checks: each with a deadline, and none ends the others. An error that a check does not explain itself becomes
 * a problem with the message and the hint of that error.
 */
import {HeadscaleError} from '../errors.ts'
import {CHECKS, error, resultOf, skipped, warning} from './result.ts'
import type {CheckName, CheckResult, Verdict} from './result.ts'
import type {DoctorHost} from './host.ts'

/** The longest time that one check may take, in milliseconds. */
const CHECK_MS = 25_000

export class CheckRun {
  readonly results: CheckResult[] = []
  readonly #host: DoctorHost
  readonly #open: CheckName[] = []

  constructor(host: DoctorHost) {
    this.#host = host
  }

  /** Makes a check and keeps its result. @throws the reason of the abort, nothing else */
  async run<V extends Verdict>(
    name: CheckName,
    work: (signal: AbortSignal) => Promise<V>,
    limitMs = CHECK_MS,
  ): Promise<V | Verdict> {
    const {signal} = this.#host
    const limit = new AbortController()
    const {promise: late, resolve} = Promise.withResolvers<Verdict>()
    const timer = setTimeout(() => {
      resolve(tooLate(limitMs))
      limit.abort(new HeadscaleError('timeout', 'no result in time'))
    }, limitMs)
    try {
      const working = work(AbortSignal.any([signal, limit.signal])).catch(failure)
      const verdict = await this.during(name, Promise.race([working, late]))
      signal.throwIfAborted()
      return this.add(name, verdict)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Shows a check as open while work for it goes on. */
  async during<T>(name: CheckName, work: Promise<T>): Promise<T> {
    this.#open.push(name)
    this.#report()
    try {
      return await work
    } finally {
      this.#open.splice(this.#open.indexOf(name), 1)
      this.#report()
    }
  }

  /** Keeps a result that is known already. */
  add<V extends Verdict>(name: CheckName, verdict: V): V {
    this.results.push(resultOf(name, verdict))
    return verdict
  }

  /** Keeps the reason why a check cannot be made. */
  skip(name: CheckName, reason: string): void {
    this.add(name, skipped(reason))
  }

  /** The results in the order of the report; those of one check as they were made. */
  sorted(): CheckResult[] {
    const order = Object.keys(CHECKS)
    return this.results.toSorted((a, b) => order.indexOf(a.check) - order.indexOf(b.check))
  }

  #report(): void {
    this.#host.onProgress([...new Set(this.#open)].map((name) => CHECKS[name]))
  }
}

function tooLate(limitMs: number): Verdict {
  const seconds = Math.round(limitMs / 1000)
  return {
    seen: `no result within ${seconds} s`,
    problems: [
      warning('no-result', [
        `The check had no result within ${seconds} s`,
        'Something answers slowly or not at all',
        'Run it again; with --debug it prints what it waits for',
      ]),
    ],
  }
}

function failure(cause: unknown): Verdict {
  if (!(cause instanceof HeadscaleError)) throw cause
  return failed(cause)
}

/** Where a hint names this command. */
const TO_DOCTOR = /,? \(headscale-ts doctor[^)]*\)|, or find the cause: headscale-ts doctor/

/** An error as the result of a check. */
export function failed(
  {message, hint}: HeadscaleError,
  {reason = 'Commands get the same error', as = 'check-failed'}: {reason?: string; as?: string} = {},
): Verdict {
  const fix = hint === null ? "Check the server's log" : sentence(hint.replace(TO_DOCTOR, ''))
  return {seen: message, problems: [error(as, [sentence(message), reason, fix])]}
}

/** With a capital letter, where the first word is one. */
export function sentence(text: string): string {
  return /^[a-z]+[ ,:;]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
