/**
 * Keys that begin with a dash, after their flag: `--key -uXy3…`. One in 64 of those that servers make up does (base64url:
 * registration ids of 0.25 to 0.28, API keys up to 0.27). oclif takes such a word for a flag where its first letter is one,
 * even after `--key=`, and says that the value is missing; in headscale's own command line it is the value.
 *
 * So the word is marked before oclif sees it, and the flags' own reading takes the mark away (flags.ts). A word that is a
 * flag as it stands stays one: `--key -n default` lacks the key.
 */

interface Declared {
  type: 'boolean' | 'option'
  char?: string
  charAliases?: string[]
  aliases?: string[]
}

/** Flags whose values servers make up. */
const KEY_FLAGS: ReadonlySet<string> = new Set(['key', 'prefix'])

/** No argument of a process can hold it. */
const MARK = '\u0000'

/** @returns argv with the dashed values of key flags marked */
export function markDashedValues(argv: readonly string[], flags: Record<string, Declared>): string[] {
  const known = new Map<string, string>()
  for (const [name, {char, charAliases = [], aliases = []}] of Object.entries(flags)) {
    for (const long of [name, `no-${name}`, ...aliases]) known.set(`--${long}`, name)
    for (const short of char ? [char, ...charAliases] : charAliases) known.set(`-${short}`, name)
  }
  const end = argv.indexOf('--')
  return argv.map((word, i) => {
    if (end >= 0 && i >= end) return word
    const [flag = '', ...value] = word.split('=')
    if (value.length > 0 && flag.startsWith('--') && KEY_FLAGS.has(known.get(flag) ?? '')) {
      return value[0]!.startsWith('-') ? `${flag}=${MARK}${value.join('=')}` : word
    }
    const takesIt = i > 0 && KEY_FLAGS.has(known.get(argv[i - 1]!) ?? '')
    return takesIt && /^-./.test(word) && !known.has(flag) ? MARK + word : word
  })
}

/** The value as it was typed. */
export function unmarked(value: string): string {
  return value.startsWith(MARK) ? value.slice(MARK.length) : value
}
