/**
 * Machine-readable output: one document as JSON, JSON on one line, or YAML; each ends with a newline. Control
 * characters are escaped, so that the text is safe for a terminal and parses to the same values.
 */
import {escapeInJson, hasUnsafe} from '../../text/untrusted.ts'

/** Items of a list that are formatted at a time, so that the text of a long list is never in memory as a whole. */
const ITEMS = 1000

/** @param document plain JSON values only @returns the parts of the text */
export async function formatDocument(
  document: unknown,
  format: 'json' | 'json-line' | 'yaml',
): Promise<Iterable<string>> {
  if (format === 'yaml') return [await formatYaml(document)]
  return jsonParts(document, format === 'json' ? 2 : 0)
}

function* jsonParts(document: unknown, indent: number): Generator<string> {
  const toText = (value: unknown) => escapeInJson(JSON.stringify(value, null, indent))
  if (!Array.isArray(document) || document.length <= ITEMS) {
    yield `${toText(document)}\n`
    return
  }
  // The list of a part begins and ends as the whole list does: with a bracket, and with a line break if it is indented.
  const edge = indent === 0 ? 1 : 2
  for (let start = 0; start < document.length; start += ITEMS) {
    const text = toText(document.slice(start, start + ITEMS))
    const isLast = start + ITEMS >= document.length
    const part = text.slice(start === 0 ? 0 : edge, isLast ? undefined : -edge)
    yield isLast || indent > 0 ? `${part}${isLast ? '' : ','}\n` : `${part},`
  }
}

async function formatYaml(document: unknown): Promise<string> {
  const {Document, visit} = await import('yaml')
  const yaml = new Document(document, {aliasDuplicateObjects: false})
  // Only a double-quoted scalar can contain escapes, and they are the same as in JSON.
  visit(yaml, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && hasUnsafe(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  return escapeInJson(yaml.toString({lineWidth: 0}))
}
