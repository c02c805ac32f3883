/**
 * Lets so many pieces of work run at a time and keeps the others waiting, in order.
 */

/** Runs a piece of work when there is room for it. */
export type Pool = <T>(work: () => Promise<T>) => Promise<T>

/** A pool of `size` places. */
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
