/**
 * Frees memory that is not used any more, where the runtime lets a program ask for it: the executable runs in Bun, which
 * otherwise waits until the memory has about doubled. It takes some hundredths of a second, so it is for long loops.
 */
export function collectGarbage(): void {
  const {Bun: bun} = globalThis as {Bun?: {gc(force: boolean): void}}
  bun?.gc(true)
}
