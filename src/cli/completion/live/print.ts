/** Names as the completion script of each shell reads them, one on a line. They are quoted here where the shell does not. */
import {isIP} from 'node:net'
import type {LiveName} from './names.ts'
import type {TypedWord} from './shell-word.ts'
import type {TypedLine} from './typed-line.ts'

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell'

/** The word at the cursor. */
interface Cursor {
  raw: string
  word: TypedWord
  line: TypedLine
}

interface Choice {
  /** The whole word at the cursor, without quotes. */
  word: string
  about: string
}

/** @returns nothing for a shell that is not known */
export function printedNames(shell: string, names: readonly LiveName[], cursor: Cursor): string {
  if (!isShell(shell)) return ''
  const lines = choices(names, cursor.line).flatMap((choice) => LINES[shell](choice, cursor))
  return [...new Set(lines)].map((line) => `${line}\n`).join('')
}

function isShell(shell: string): shell is Shell {
  return Object.hasOwn(LINES, shell)
}

/** Names that contain what is typed: shells decide how they match, and none matches more. */
function choices(names: readonly LiveName[], {before, typed, used}: TypedLine): Choice[] {
  const begun = typed.toLowerCase()
  return names
    .filter(({value, also}) => !used.has(value) && !also.some((other) => used.has(other)))
    .flatMap(({value, also, about}) =>
      [...(value.toLowerCase().includes(begun) ? [value] : []), ...also.filter((other) => isBegun(other, typed))].map(
        (text) => ({word: before + text, about}),
      ),
    )
}

/** An address is offered once it looks like one: all of a tailnet begin with the same digits as some ids. */
function isBegun(other: string, typed: string): boolean {
  return typed !== '' && other.startsWith(typed) && (isIP(other) === 0 || /[.:]/.test(typed))
}

const LINES: Readonly<Record<Shell, (choice: Choice, cursor: Cursor) => string[]>> = {
  bash: bashLine,
  // As `_describe` reads them.
  zsh: ({word, about}) => [`${word.replaceAll(/[\\:]/g, '\\$&')}:${about}`],
  fish: ({word, about}) => [`${word}\t${about}`],
  powershell: ({word, about}) => [`${powershellWord(word)}\t${word}\t${about || word}`],
}

/** bash takes what it is given, so the word must begin with what is typed, and be quoted as that is. */
function bashLine({word}: Choice, {raw, word: {text, open}}: Cursor): string[] {
  if (!word.startsWith(text)) return []
  if (open === null) return [word.replaceAll(/[^\w./:=@%+,\u0080-\uffff-]/g, '\\$&')]
  // Readline completes what follows the quote. A value that begins before it cannot be completed.
  const head = raw.slice(0, open.at)
  if (/[\\'"$]/.test(head) || !word.startsWith(head)) return []
  const rest = word.slice(head.length)
  if (open.quote === "'") return [`${head}'${rest.replaceAll("'", "'\\''")}`]
  // Within double quotes nothing keeps bash from replacing "!".
  return rest.includes('!') ? [] : [`${head}"${rest.replaceAll(/["$`\\]/g, '\\$&')}`]
}

function powershellWord(word: string): string {
  return /^[\w.-][\w./:=+-]*$/.test(word) ? word : `'${word.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`
}
