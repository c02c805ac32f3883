/**
 * A word as it was typed, with its quotes, read as the shell would read it. Nothing is ever run: a word with a command
 * substitution, or with a variable that is not exported, has an unknown text.
 */

/** In the place of a text that only the shell knows. An argument of a process cannot contain it. */
export const UNKNOWN = '\u0000'

export interface TypedWord {
  /** UNKNOWN if only the shell knows it. */
  text: string
  /** The quote that is still open at the end, and where it is; null for none. */
  open: {quote: '"' | "'"; at: number} | null
}

export interface ShellHost {
  env: Record<string, string | undefined>
  home: string | null
}

/** Whatever a shell would run, or replace by something that is not known here: `$(…)`, `<(…)`, `` `…` ``, `$'…'`. */
const RUNS = /^(?:`|\$[('"]|[<>]\()/

/** A word of bash, zsh or fish, which agree in what is needed here. */
export function readTypedWord(raw: string, {env, home}: ShellHost): TypedWord {
  let text = ''
  let open: TypedWord['open'] = null
  let known = true
  let at = 0
  const tilde = /^~(?=\/|$)/.test(raw)
  if (tilde) {
    known = home !== null
    text = home ?? ''
    at = 1
  } else if (raw.startsWith('~')) known = false
  while (at < raw.length) {
    const character = raw[at]!
    const rest = raw.slice(at)
    if (open?.quote === "'") {
      if (character === "'") open = null
      else text += character
      at++
    } else if (character === '\\') {
      const next = raw[at + 1] ?? ''
      // Within double quotes a backslash stays before all but these.
      text += open && !/["$`\\]/.test(next) ? `\\${next}` : next
      at += 2
    } else if (character === '"' || (character === "'" && !open)) {
      open = open ? null : {quote: character, at}
      at++
    } else if (RUNS.test(rest)) {
      known = false
      at++
    } else {
      const [variable, braced, plain] = rest.match(/^\$(?:\{(\w+)\}|([A-Za-z_]\w*))/) ?? []
      const value = variable === undefined ? character : env[braced ?? plain!]
      known &&= value !== undefined
      text += value ?? ''
      at += variable?.length ?? 1
    }
  }
  return {text: known ? text : UNKNOWN, open}
}

/** A word without its quotes, as fish and PowerShell give the words before the cursor. */
export function expandedWord(word: string, host: ShellHost): string {
  return readTypedWord(word.replaceAll(/["'\\`]/g, '\\$&'), host).text
}
