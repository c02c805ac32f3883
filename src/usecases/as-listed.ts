/** Changed objects as a list shows them; those that the list does not have any more are returned as they are. */
export function asListed<T extends {id: string}>(changed: readonly T[], list: readonly T[]): T[] {
  const listed = new Map(list.map((one) => [one.id, one]))
  return changed.map((one) => listed.get(one.id) ?? one)
}
