/**
 * Makes text from outside (servers, proxies, maps, files, arguments) safe for a terminal.
 *
 * Terminals execute control characters: a node's name could clear the screen, set the window title or overwrite a
 * prompt. Characters that override the writing direction change how text is read. This is the only list of such
 * characters; tables, reports, errors, notices and prompts all use it. Secrets: secrets.ts.
 */

/** C0, DEL and C1 controls; line and paragraph separators; marks, embeddings, overrides and isolates of direction. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/** One line with these characters escaped: `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE, escaped)
}

/** The same for the text of a message: any white space, including line breaks, becomes one space. */
export function singleLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim())
}

/** The same for a text of several lines: line feeds, tabs and Windows line endings stay. */
export function printableLines(text: string): string {
  return text.replace(UNSAFE, (character, at: number) =>
    character === '\n' || character === '\t' || (character === '\r' && text[at + 1] === '\n')
      ? character
      : escaped(character),
  )
}

/** JSON text with these characters written as `\uXXXX`, which parses to the same values. */
export function escapeInJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : unicodeEscape(character)))
}

/** Whether the text contains such a character other than a line feed. */
export function hasUnsafe(text: string): boolean {
  return text.replaceAll('\n', '').search(UNSAFE) !== -1
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function escaped(character: string): string {
  const short: Record<string, string> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'}
  const hex = character.charCodeAt(0).toString(16)
  return short[character] ?? (hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`)
}
