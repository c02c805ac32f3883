/** The key that a misspelled one most likely means. */
import {editDistance} from '../../text/edit-distance.ts'

const REACH = 2

/** The nearest of the known keys within two edits, fewer for short keys; null if there is none, or a tie. */
export function nearestKey(key: string, known: readonly string[]): string | null {
  const reach = Math.min(REACH, Math.floor(key.length / 3))
  const near = known
    .filter((candidate) => Math.abs(candidate.length - key.length) <= reach)
    .map((candidate) => ({candidate, edits: editDistance(key, candidate)}))
    .filter(({edits}) => edits <= reach)
    .sort((a, b) => a.edits - b.edits)
  const [first, second] = near
  return first === undefined || first.edits === second?.edits ? null : first.candidate
}
