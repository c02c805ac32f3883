/**
 * argv → {command id, the rest for its parser, the words that named it}. Pure.
 *
 * Flags can be before and between the words of the command, as in the guide (`-n default nodes register --key K`). The
 * rule is cobra's (Find and stripFlags in command.go, v1.3.0 and v1.10.2): before the command is complete, a flag
 * without `=` that is `--long` or exactly two characters takes the next word as its value, unless it is one of our
 * flags without a value. The words of the command are removed; the rest goes to its parser in the same order. Unlike in
 * cobra, an unknown word is an error at every level.
 */
import {DEFAULT_COMMANDS, MOVED_COMMANDS, TOPIC_ALIASES, VALUELESS_FLAGS, verbAliases} from './aliases.ts'

export type Resolution =
  | {kind: 'command'; id: string; rest: string[]; invokedAs: string[]}
  /** No verb: the program itself (topic null) or a topic. */
  | {kind: 'topic'; topic: string | null; rest: string[]; invokedAs: string[]}
  /** `rest` has the flags before the word, with their values. */
  | {kind: 'unknown'; word: string; topic: string | null; rest: string[]; invokedAs: string[]}

/** @param ids every command id, `topic:verb` or a single word */
export function resolveArgv(argv: readonly string[], ids: readonly string[]): Resolution {
  const rest: string[] = []
  const invokedAs: string[] = []
  let topic: string | null = null
  let byDefault: string | undefined

  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      rest.push(...argv.slice(i))
      break
    }
    if (word.startsWith('-') && word !== '-') {
      rest.push(word)
      if (takesNextWord(word) && i + 1 < argv.length) rest.push(argv[++i]!)
      continue
    }
    invokedAs.push(word)
    const found: Found | null = topic === null ? findFirst(word, ids) : findVerb(topic, word, ids)
    if (!found) return {kind: 'unknown', word, topic, rest, invokedAs}
    if (found.command) return {kind: 'command', id: found.id, rest: [...rest, ...argv.slice(i + 1)], invokedAs}
    byDefault = DEFAULT_COMMANDS[`${topic} ${word}`]
    topic = found.id
  }
  if (byDefault !== undefined) return {kind: 'command', id: byDefault, rest, invokedAs}
  return {kind: 'topic', topic, rest, invokedAs}
}

interface Found {
  command: boolean
  id: string
}

function takesNextWord(flag: string): boolean {
  if (flag.includes('=') || VALUELESS_FLAGS.has(flag)) return false
  return flag.startsWith('--') || flag.length === 2
}

function findFirst(word: string, ids: readonly string[]): Found | null {
  if (!word.includes(':') && ids.includes(word)) return {command: true, id: word}
  const topic = topicOf(word, ids)
  return topic ? {command: false, id: topic} : null
}

function topicOf(word: string, ids: readonly string[]): string | null {
  const name = Object.keys(TOPIC_ALIASES).find((topic) => TOPIC_ALIASES[topic]!.includes(word)) ?? word
  return ids.some((id) => id.startsWith(`${name}:`)) ? name : null
}

function findVerb(topic: string, word: string, ids: readonly string[]): Found | null {
  const moved = MOVED_COMMANDS[`${topic} ${word}`]
  if (moved) return {command: ids.includes(moved), id: moved}
  if (ids.includes(`${topic}:${word}`)) return {command: true, id: `${topic}:${word}`}
  const id = ids.find((candidate) => candidate.startsWith(`${topic}:`) && verbAliases(candidate).includes(word))
  return id ? {command: true, id} : null
}
