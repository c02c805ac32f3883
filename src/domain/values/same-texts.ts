/** Whether two lists have the same texts, in any order. */
export function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [one.toSorted(), other.toSorted()]
  return a.length === b.length && a.every((text, i) => text === b[i])
}
