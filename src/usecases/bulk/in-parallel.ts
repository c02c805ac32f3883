/**
 * Does the work for every item, at most `limit` at a time, in order of the list.
 *
 * @param mayStart asked before each item; once false, no more items are started
 * @throws the first error, after the work that was started has ended
 */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<void>,
  mayStart: () => boolean = () => true,
): Promise<void> {
  let next = 0
  let failure: {error: unknown} | null = null
  async function worker(): Promise<void> {
    while (next < items.length && failure === null && mayStart()) {
      const index = next++
      try {
        await work(items[index]!, index)
      } catch (error) {
        failure ??= {error}
      }
    }
  }
  await Promise.all(Array.from({length: Math.min(limit, items.length)}, worker))
  if (failure !== null) throw (failure as {error: unknown}).error
}
