/**
 * Text from outside (servers, proxies, maps, files, arguments) made fit for a terminal.
 *
 * A terminal obeys control characters: a node's name could clear the screen, set the window's title or rewrite a
 * question that was just asked. Overrides of the writing direction make text read otherwise than it is. This is the
 * one list of such characters; tables, reports, errors, notices and prompts all use it. Secrets: secrets.ts.
 */

/** C0, DEL and C1 controls; line and paragraph separators; marks, embeddings, overrides and isolates of direction. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/** One line that a terminal shows and does not obey: `\n`, `\x1b` and `\u202e` in place of the characters. */
export function printable(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE, escaped)
}

/** The same for running text, as in a message: white space of any kind, line breaks included, becomes one blank. */
export function singleLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim())
}

/** The same for a text of several lines: line feeds, tabs and Windows line ends stay. */
export function printableLines(text: string): string {
  return text.replace(UNSAFE, (character, at: number) =>
    character === '\n' || character === '\t' || (character === '\r' && text[at + 1] === '\n')
      ? character
      : escaped(character),
  )
}

/** JSON text with such characters written `\uXXXX`, which reads back as the same values. */
export function escapeInJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : unicodeEscape(character)))
}

/** Whether a terminal would obey something in the text; line feeds do not count. */
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
