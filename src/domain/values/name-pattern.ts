/** Patterns of names: `*` is any text, also none, and `?` one character; everything else is itself. */

/** Whether the pattern matches the whole name. Case matters. Takes time in proportion to both lengths, never more. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [text, wanted] = [Array.from(name), Array.from(pattern)]
  let [at, next] = [0, 0]
  /** The last `*`, and where the text that it covers ends. */
  let [star, covered] = [-1, 0]
  while (at < text.length) {
    if (wanted[next] === '*') {
      ;[star, covered] = [next, at]
      next++
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === text[at])) {
      at++
      next++
    } else if (star >= 0) {
      covered++
      ;[at, next] = [covered, star + 1]
    } else {
      return false
    }
  }
  return wanted.slice(next).every((character) => character === '*')
}
