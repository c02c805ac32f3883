/**
 * Suggests a command for an unknown word of a command line.
 *
 * A user may run the suggestion without reading it. So a command that changes something is suggested only for a word
 * that is one edit away and begins with the same letter: `nodes remvoe`, but not `nodes untag` → `nodes tag`.
 */
import {editDistance} from '../../text/edit-distance.ts'
import {TOPIC_ALIASES, verbAliases} from './aliases.ts'
import {reachOf} from './nearest.ts'

/** Aliases of one or two letters are not useful as suggestions. */
const SHORTEST = 3

/**
 * @param topic null for the first word
 * @param changes whether a command changes something on a server
 * @returns the word to suggest, or null
 */
export function suggestWord(
  word: string,
  topic: string | null,
  ids: readonly string[],
  changes: (id: string) => boolean,
): string | null {
  let best: string | null = null
  let bestDistance = reachOf(word) + 1
  for (const {name, harmless} of candidates(topic, ids, changes)) {
    const distance = editDistance(word, name)
    if (distance >= bestDistance) continue
    if (!harmless && (distance > 1 || name[0] !== word[0])) continue
    if (distance > 1 && name[0] !== word[0]) continue
    ;[best, bestDistance] = [name, distance]
  }
  return best
}

function candidates(topic: string | null, ids: readonly string[], changes: (id: string) => boolean) {
  if (topic === null) {
    const first = new Set(ids.map((id) => id.split(':')[0]!))
    return [...first]
      .flatMap((name) => [name, ...(TOPIC_ALIASES[name] ?? [])])
      .filter((name) => name.length >= SHORTEST)
      .map((name) => ({name, harmless: true}))
  }
  return ids
    .filter((id) => id.startsWith(`${topic}:`))
    .flatMap((id) =>
      [id.slice(topic.length + 1), ...verbAliases(id)]
        .filter((name) => name.length >= SHORTEST)
        .map((name) => ({name, harmless: !changes(id)})),
    )
}
