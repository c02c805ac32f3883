/** Finds the known word that is closest to a misspelled one. */
import {editDistance} from '../../text/edit-distance.ts'

/** @returns the closest candidate within two edits (three for long words), or null */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = reachOf(word) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** The maximum number of edits for a suggestion. */
export function reachOf(word: string): number {
  return word.length > 7 ? 3 : word.length > 3 ? 2 : 1
}
