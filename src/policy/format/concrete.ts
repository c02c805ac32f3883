/**
 * HuJSON text → values with everything around them: the white space and the comments that a formatter must keep.
 *
 * The reader of src/syntax finds the values and rejects what is not HuJSON; this module adds the text between them. Meaning is
 * not known here, and neither is what the text should look like (format.ts).
 */
import {parseHuJsonTree} from '../../syntax/json.ts'
import type {Tree} from '../../syntax/tree.ts'

/** A value, or the name of a member. Extras are white space and comments. */
export interface Concrete {
  /** After the bracket, comma or colon before the value. */
  before: string
  content: Literal | Composite
  /** Before the comma or colon after the value. Null for the last value of an object or array without a trailing comma. */
  after: string | null
}

export interface Literal {
  kind: 'literal'
  /** As written, quotes included. */
  text: string
}

export interface Composite {
  kind: 'object' | 'array'
  items: Item[]
  /** Before the closing bracket. */
  end: string
}

/** A member of an object, or an element of an array, which has no name. */
export interface Item {
  name: Concrete | null
  value: Concrete
}

/** White space or a comment. */
const EXTRA = /[ \t\r\n]+|\/\/[^\n]*|\/\*[^]*?\*\//y

/**
 * Reads one value. A text that ends with a line comment gets the line feed that hujson needs after it; a byte order mark
 * is left out.
 *
 * @throws SyntaxProblem with the place of the first error
 */
export function parseConcrete(source: string, file: string): Concrete {
  const marked = source.endsWith('\n') ? source : `${source}\n`
  const text = marked.startsWith('\ufeff') ? marked.slice(1) : marked
  const {root} = parseHuJsonTree(text, file)

  const extraAt = (start: number): string => {
    let end = start
    for (EXTRA.lastIndex = start; EXTRA.test(text); end = EXTRA.lastIndex);
    return text.slice(start, end)
  }

  function convert(tree: Tree, before: string): Concrete {
    const after = extraAt(tree.place.end)
    if (tree.kind === 'map' || tree.kind === 'list') return {before, content: composite(tree), after}
    return {before, content: {kind: 'literal', text: text.slice(tree.place.offset, tree.place.end)}, after}
  }

  function composite(tree: Tree & {kind: 'map' | 'list'}): Composite {
    const items: Item[] = []
    let at = tree.place.offset + 1
    const add = (key: Tree | null, child: Tree) => {
      const name = key && convert(key, text.slice(at, key.place.offset))
      // One more for the colon.
      const start = key && name ? key.place.end + (name.after?.length ?? 0) + 1 : at
      const value = convert(child, text.slice(start, child.place.offset))
      items.push({name, value})
      // One more for the comma, if there is one.
      at = child.place.end + (value.after?.length ?? 0) + 1
    }
    if (tree.kind === 'map') for (const {key, value} of tree.entries) add(key, value)
    else for (const item of tree.items) add(null, item)
    const last = items.at(-1)?.value
    const end = text.slice(at, tree.place.end - 1)
    if (!last || text[at - 1] === ',') return {kind: tree.kind === 'map' ? 'object' : 'array', items, end}
    const moved = last.after ?? ''
    last.after = null
    return {kind: tree.kind === 'map' ? 'object' : 'array', items, end: moved}
  }

  return convert(root, text.slice(0, root.place.offset))
}

/** The text of a value with everything around it. */
export function concreteText(value: Concrete): string {
  const pieces: string[] = []
  const add = ({before, content, after}: Concrete): void => {
    pieces.push(before)
    if (content.kind === 'literal') pieces.push(content.text)
    else {
      pieces.push(content.kind === 'object' ? '{' : '[')
      for (const [i, {name, value: child}] of content.items.entries()) {
        if (name) {
          add(name)
          pieces.push(':')
        }
        add(child)
        if (i < content.items.length - 1 || child.after !== null) pieces.push(',')
      }
      pieces.push(content.end, content.kind === 'object' ? '}' : ']')
    }
    pieces.push(after ?? '')
  }
  add(value)
  return pieces.join('')
}
