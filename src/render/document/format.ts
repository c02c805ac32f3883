/**
 * Machine-readable output: one document as JSON, JSON on one line, or YAML; each ends with a newline. Control
 * characters are escaped, so that the text is safe for a terminal and parses to the same values.
 */
import {escapeInJson, hasUnsafe} from '../../text/untrusted.ts'

/** @param document plain JSON values only */
export async function formatDocument(document: unknown, format: 'json' | 'json-line' | 'yaml'): Promise<string> {
  switch (format) {
    case 'json':
      return `${escapeInJson(JSON.stringify(document, null, 2))}\n`
    case 'json-line':
      return `${escapeInJson(JSON.stringify(document))}\n`
    case 'yaml':
      return formatYaml(document)
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
