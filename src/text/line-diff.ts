/**
 * The difference of two texts as a unified diff, to show a person what a command is about to write.
 *
 * Compares by the longest common subsequence of lines, so it is for files that people write, of a few thousand lines.
 */

const CONTEXT = 3
/** Above this many pairs of lines that differ, everything between the common start and end is one change. */
const MAX_PAIRS = 4_000_000

type Line = [mark: ' ' | '-' | '+', text: string]

/**
 * The diff with its header, or '' for equal texts. Each line ends with a newline.
 * @param newName the name of the new text, if it has another one
 */
export function unifiedDiff(before: string, after: string, name: string, newName: string = name): string {
  if (before === after) return ''
  const lines = compare(linesOf(before), linesOf(after))
  return `--- ${name}\n+++ ${newName}\n${hunks(lines).join('')}`
}

/** A last line without a newline is another line than the same one with it. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop()!
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`]
}

function compare(old: readonly string[], changed: readonly string[]): Line[] {
  let start = 0
  while (start < old.length && start < changed.length && old[start] === changed[start]) start++
  let end = 0
  const room = Math.min(old.length, changed.length) - start
  while (end < room && old.at(-1 - end) === changed.at(-1 - end)) end++
  const middle = differing(old.slice(start, old.length - end), changed.slice(start, changed.length - end))
  const same = (text: string): Line => [' ', text]
  return [...old.slice(0, start).map(same), ...middle, ...old.slice(old.length - end).map(same)]
}

function differing(old: readonly string[], changed: readonly string[]): Line[] {
  const removed = old.map((text): Line => ['-', text])
  const added = changed.map((text): Line => ['+', text])
  if (old.length * changed.length > MAX_PAIRS) return [...removed, ...added]
  const width = changed.length + 1
  // The length of the longest common subsequence from each pair of lines on.
  const lengths = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = changed.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === changed[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < old.length && j < changed.length) {
    if (old[i] === changed[j]) {
      lines.push([' ', old[i]!])
      i++
      j++
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push(removed[i++]!)
    else lines.push(added[j++]!)
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)]
}

function hunks(lines: readonly Line[]): string[] {
  const texts: string[] = []
  const isNear = lines.map(() => false)
  for (const [index, [mark]] of lines.entries()) {
    if (mark !== ' ') isNear.fill(true, Math.max(0, index - CONTEXT), index + CONTEXT + 1)
  }
  let [oldLine, newLine] = [1, 1]
  let open: {lines: Line[]; oldStart: number; newStart: number} | null = null
  const close = () => {
    if (open === null) return
    const shown = open.lines
    const range = (mark: '-' | '+', start: number) => {
      const count = shown.filter(([own]) => own === ' ' || own === mark).length
      // Without lines, it is the line before.
      return `${mark}${count === 0 ? start - 1 : start},${count}`
    }
    const head = `@@ ${range('-', open.oldStart)} ${range('+', open.newStart)} @@\n`
    texts.push(head + shown.map(([mark, text]) => `${mark}${text}\n`).join(''))
    open = null
  }
  for (const [index, line] of lines.entries()) {
    if (isNear[index]) {
      open ??= {lines: [], oldStart: oldLine, newStart: newLine}
      open.lines.push(line)
    } else close()
    if (line[0] !== '+') oldLine++
    if (line[0] !== '-') newLine++
  }
  close()
  return texts
}
