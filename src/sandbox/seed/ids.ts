/** Ids that a seed gives, in the form of the tailnet: decimal texts, each larger than the one before. */
import {usageError} from '../../errors.ts'
import type {SeedId} from '../../tailnet-file/tailnet-data.ts'

/** Enough for the 64 bits of the wire. */
const LARGEST_ID = 2n ** 63n - 1n

/**
 * Checks the ids of a list, item by item: each must be larger than the one before, since servers list by id.
 * @param list its name in errors
 * @returns a function that gives the field `id` of an item, or no field for the next id
 */
export function ascendingIds(list: string): (index: number, given: SeedId | undefined) => {id?: string} {
  let last = 0n
  return (index, given) => {
    if (given === undefined) {
      last += 1n
      return {}
    }
    const id = BigInt(given)
    if (id > LARGEST_ID) throw usageError(`invalid seed: ${list}.${index}: the id ${id} is too large`)
    if (id <= last) {
      throw usageError(
        `invalid seed: ${list}.${index}: the id ${id} is not larger than ${last}, the one before it`,
        'list them in the order of their ids',
      )
    }
    last = id
    return {id: String(id)}
  }
}
