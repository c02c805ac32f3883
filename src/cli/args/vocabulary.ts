/** All words that may stand at one place of the command line, to offer the nearest for a mistyped one. */
import {COMMAND_WORDS, TOPIC_WORDS} from './aliases.ts'

/** @param topic null for the first word */
export function wordsOf(topic: string | null, ids: readonly string[]): string[] {
  if (topic === null) {
    const names = new Set(ids.map((id) => id.split(':')[0]!))
    return [...names].flatMap((name) => [name, ...(TOPIC_WORDS[name] ?? [])])
  }
  return ids
    .filter((id) => id.startsWith(`${topic}:`))
    .flatMap((id) => [id.slice(topic.length + 1), ...(COMMAND_WORDS[id] ?? [])])
}
