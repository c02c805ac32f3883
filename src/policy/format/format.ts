/**
 * Formats HuJSON to the bytes that Tailscale's hujsonfmt writes (github.com/tailscale/hujson, Format): tabs, one element per
 * line where an object or array has a line feed or is wider than 80, values of neighbouring members aligned, trailing commas
 * where the text is not plain JSON. Comments stay; a formatted text stays as it is.
 *
 * test/real/policy compares generated texts with the library itself.
 */
import {type Composite, type Concrete, concreteText, parseConcrete} from './concrete.ts'
import {byteLength, extraWidths, formatExtra, hasComment, hasNewline, trimEnd} from './extra.ts'

/** The widest line of an object or array that stays on one line. */
const MAX_WIDTH = 80

/**
 * @param file the name of the text, for errors
 * @throws SyntaxProblem with the place of the first error
 */
export function formatPolicy(text: string, file: string): string {
  const root = parseConcrete(text, file)
  const layout = new Layout(isStandard(root))
  root.before = formatExtra(root.before, 0).replace(/^[ \t\r\n]+/, '')
  normalize(root)
  layout.measure(root)
  layout.arrange(root, 0)
  align(root)
  root.after = `${trimEnd(formatExtra(root.after ?? '', 0))}\n`
  return concreteText(root)
}

/** Whether a text is plain JSON: no comment, no trailing comma. */
function isStandard({before, content, after}: Concrete): boolean {
  if (hasComment(before) || hasComment(after)) return false
  if (content.kind === 'literal') return true
  const {items, end} = content
  if (hasComment(end) || (items.length > 0 && items.at(-1)!.value.after !== null)) return false
  return items.every(({name, value}) => (name === null || isStandard(name)) && isStandard(value))
}

/** Strings without needless escapes; no white space before colons, before commas and in empty brackets. */
function normalize({content}: Concrete): void {
  if (content.kind === 'literal') {
    const {text} = content
    if (text.startsWith('"') && text.includes('\\')) {
      content.text = JSON.stringify((JSON.parse(text) as string).toWellFormed())
    }
    return
  }
  if (content.items.length === 0 && !hasComment(content.end)) content.end = ''
  for (const value of partsOf(content)) {
    if (!hasComment(value.after)) value.after = null
    normalize(value)
  }
}

/** Names and values in the order of the text. */
function partsOf({items}: Composite): Concrete[] {
  return items.flatMap(({name, value}) => (name ? [name, value] : [value]))
}

interface Widths {
  first: number
  last: number
  isMultiline: boolean
}

/** Which objects and arrays have one element per line, and the white space that follows from it. */
class Layout {
  readonly #isStandard: boolean
  readonly #expanded = new Set<Composite>()

  constructor(isPlainJson: boolean) {
    this.#isStandard = isPlainJson
  }

  /** Decides about the value and everything in it. @returns the widths of its first and last line */
  measure({content}: Concrete): Widths {
    if (content.kind === 'literal') {
      const width = byteLength(content.text)
      return {first: width, last: width, isMultiline: false}
    }
    const widths: number[] = []
    let line = 1
    const add = ({first, last, isMultiline}: Widths) => {
      line += first
      if (!isMultiline) return
      widths.push(line)
      line = last
    }
    for (const {name, value} of content.items) {
      for (const part of name ? [name, value] : [value]) {
        add(extraWidths(part.before))
        add(this.measure(part))
        add(extraWidths(part.after))
        // The colon or the comma, and a space.
        line += 2
      }
    }
    widths.push(line + 1)
    const {items, end} = content
    const startsLine = items.some(({name, value}) => hasNewline((name ?? value).before))
    const endsLine = hasNewline(end) || hasNewline(items.at(-1)?.value.after ?? null)
    if (!startsLine && !endsLine && widths.every((width) => width <= MAX_WIDTH)) {
      return {first: widths[0]!, last: widths.at(-1)!, isMultiline: widths.length > 1}
    }
    this.#expanded.add(content)
    const [head] = items
    return {first: 1 + extraWidths(head ? (head.name ?? head.value).before : end).first, last: 1, isMultiline: true}
  }

  /** Sets the white space in the value. @param depth the indentation of the line it starts on */
  arrange({content}: Concrete, depth: number): void {
    if (content.kind === 'literal') return
    const isExpanded = this.#expanded.has(content)
    const inner = depth + (isExpanded ? 1 : 0)
    for (const [i, {name, value}] of content.items.entries()) {
      const head = name ?? value
      head.before = formatExtra(head.before, depth + 1, {
        newLineBefore: isExpanded,
        noBlankStart: i === 0,
        spaceIfEmpty: i !== 0,
      })
      let lines = 0
      if (name) {
        name.after = formatAfter(name.after, depth + 2)
        value.before = formatExtra(value.before, depth + 2, {noBlankStart: true, noBlankEnd: true, spaceIfEmpty: true})
        if (hasNewline(name.after) || hasNewline(value.before)) lines = 1
      }
      this.arrange(value, inner + lines)
      value.after = formatAfter(value.after, depth + 2)
    }
    content.end = formatExtra(content.end, depth + 1, {
      newLineAfter: isExpanded,
      noBlankStart: content.items.length === 0,
      noBlankEnd: true,
      closing: true,
    })
    this.#setTrailingComma(content, isExpanded)
  }

  #setTrailingComma(content: Composite, isExpanded: boolean): void {
    const last = content.items.at(-1)?.value
    if (!last) return
    if (isExpanded) {
      if (!this.#isStandard) last.after ??= ''
    } else if (last.after !== null && (last.after === '' || content.end === '')) {
      // Between two comments the comma stays.
      content.end = last.after + content.end
      last.after = null
    }
  }
}

/** The extra before a colon or a comma, which stays null where there is none. */
function formatAfter(extra: string | null, depth: number): string | null {
  return extra === null ? null : formatExtra(extra, depth, {noBlankStart: true, noBlankEnd: true})
}

/** Whether a value has a line feed in it; that of an extra before a closing bracket does not count. */
function spansLines({content}: Concrete, known: Map<Composite, boolean>): boolean {
  if (content.kind === 'literal') return false
  let answer = known.get(content)
  if (answer === undefined) {
    answer = partsOf(content).some(
      (part) => hasNewline(part.before) || hasNewline(part.after) || spansLines(part, known),
    )
    known.set(content, answer)
  }
  return answer
}

/** Aligns the values of members on neighbouring lines, in the value and in everything in it. */
function align(value: Concrete, known = new Map<Composite, boolean>()): void {
  const {content} = value
  if (content.kind === 'literal') return
  let block: {value: Concrete; width: number}[] = []
  const flush = () => {
    const widest = block.reduce((most, {width}) => Math.max(most, width), 0)
    for (const row of block) row.value.before += ' '.repeat(widest - row.width)
    block = []
  }
  for (const {name, value: child} of content.items) {
    if (!name) break
    const isRow =
      hasNewline(name.before) && ![name.after, child.before, child.after].some(hasNewline) && !spansLines(child, known)
    if (!isRow || name.before.indexOf('\n') !== name.before.lastIndexOf('\n')) flush()
    if (isRow) block.push({value: child, width: widthOfName(name) + byteLength(child.before)})
  }
  flush()
  for (const part of partsOf(content)) align(part, known)
}

function widthOfName({content, after}: Concrete): number {
  return content.kind === 'literal' ? byteLength(content.text) + byteLength(after ?? '') + 1 : 0
}
