/**
 * White space and comments between two values: which parts they have, how wide they are, and how hujsonfmt writes them.
 *
 * At most one blank line is kept, comments that start a line are indented, and the lines of a block comment move together.
 * Widths are bytes of UTF-8, as in hujsonfmt, so that a name of wide characters is aligned as it aligns it.
 */

/** What is written in addition to the comments. */
export interface ExtraOptions {
  /** Start on a new line. */
  newLineBefore?: boolean
  /** End on a new line. */
  newLineAfter?: boolean
  /** No blank line at the start, or at the end. */
  noBlankStart?: boolean
  noBlankEnd?: boolean
  /** The last line has one indentation less: a closing bracket follows. */
  closing?: boolean
  /** A space where there is nothing else. */
  spaceIfEmpty?: boolean
}

export const hasNewline = (extra: string | null): boolean => extra !== null && extra.includes('\n')

export const hasComment = (extra: string | null): boolean => extra !== null && /[^ \t\r\n]/.test(extra)

export const byteLength = (text: string): number => Buffer.byteLength(text)

/** Blanks, or a comment with its start; a block comment may be without its end where a line is measured. */
const PART = /[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\//y

/** The widths that an extra adds to the line before it and to the line after it. */
export function extraWidths(extra: string | null): {first: number; last: number; isMultiline: boolean} {
  if (extra === null || extra === '') return {first: 0, last: 0, isMultiline: false}
  const lineFeed = extra.indexOf('\n')
  if (lineFeed === -1) {
    const width = commentWidth(extra)
    return {first: width, last: width, isMultiline: false}
  }
  return {
    first: commentWidth(extra.slice(0, lineFeed)),
    last: commentWidth(extra.slice(extra.lastIndexOf('\n') + 1)),
    isMultiline: true,
  }
}

/** The width of the comments of one line, each with a space before it. */
function commentWidth(line: string): number {
  let width = 0
  let at = 0
  for (;;) {
    while (at < line.length && ' \t\r'.includes(line[at]!)) at++
    if (line.startsWith('/*', at)) {
      const end = line.indexOf('*/', at + 2)
      if (end === -1) return width + 1 + byteLength(line.slice(at))
      width += 1 + byteLength(line.slice(at, end + 2))
      at = end + 2
    } else if (line.startsWith('//', at)) return width + 1 + byteLength(line.slice(at))
    else return width > 0 ? width + 1 : 0
  }
}

/** White space by Unicode, which unlike JavaScript's has U+0085 and not U+FEFF. */
const TRAILING_SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/

export function trimEnd(text: string): string {
  // The pattern alone takes quadratic time for a text of many blanks.
  let end = text.length
  while (end > 0 && TRAILING_SPACE.test(text[end - 1]!)) end--
  return text.slice(0, end)
}

/** @param depth the number of tabs before a comment that starts a line */
export function formatExtra(extra: string, depth: number, options: ExtraOptions = {}): string {
  const text = extra.includes('\r')
    ? extra.replaceAll('\r\n', '\n').replaceAll('\n\r', '\n').replaceAll('\r', ' ')
    : extra
  const pieces: string[] = options.newLineBefore && !text.includes('\n') ? ['\n'] : []
  PART.lastIndex = 0
  for (let match = PART.exec(text); match; match = PART.exec(text)) {
    const part = match[0]
    if (!part.startsWith('/')) {
      const lines = part.split('\n', 3).length - 1
      if (lines > 0) pieces.push('\n'.repeat(lines))
      continue
    }
    pieces.push(pieces.at(-1)?.endsWith('\n') ? '\t'.repeat(depth) : ' ')
    pieces.push(part.includes('\n') ? formatBlock(part, depth) : trimEnd(part))
  }
  let out = pieces.join('')
  if (options.newLineAfter && !out.endsWith('\n')) out += '\n'
  if (options.noBlankStart) out = out.replace(/^\n+(?=\n)/, '')
  if (options.noBlankEnd && out.endsWith('\n\n')) out = `${out.replace(/\n+$/, '')}\n`
  if (out.endsWith('\n')) out += '\t'.repeat(Math.max(0, options.closing ? depth - 1 : depth))
  else if (out !== '') out += ' '
  return out === '' && options.spaceIfEmpty ? ' ' : out
}

/** A comment of several lines: what their indentation has in common is replaced by the new one. */
function formatBlock(comment: string, depth: number): string {
  const [head = '', ...lines] = comment.split('\n').map(trimEnd)
  let common = lines.find((line) => line !== '') ?? ''
  for (const [i, line] of lines.entries()) {
    if (line === '') continue
    if (/^[ \t\r]*\*\/$/.test(line)) {
      lines[i] = `${blanksOf(common)}*/`
      break
    }
    let same = 0
    while (same < line.length && same < common.length && line[same] === common[same]) same++
    if (same < line.length) common = common.slice(0, same)
  }
  const prefix = blanksOf(common)
  const hasStars = !lines.includes('') && common[prefix.length] === '*'
  const indent = '\t'.repeat(depth) + (hasStars ? ' ' : '')
  return [head, ...lines.map((line) => (line === '' ? '' : indent + line.slice(prefix.length)))].join('\n')
}

function blanksOf(text: string): string {
  return /^[ \t\r]*/.exec(text)?.[0] ?? ''
}
