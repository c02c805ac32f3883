/**
 * Limits how many tasks run at a time; the others wait in order.
 */

/** Runs a task when a slot is free. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>

/** A pool of `size` slots. */
export function createPool(size: number): Pool {
  let free = size
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
