/** Machine output: one document as JSON, JSON on one line, or YAML; each ends with a newline. */

/** @param document plain JSON values only */
export async function formatDocument(document: unknown, format: 'json' | 'json-line' | 'yaml'): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(document, null, 2)}\n`
    case 'json-line':
      return `${JSON.stringify(document)}\n`
    case 'yaml': {
      const {stringify} = await import('yaml')
      return stringify(document, {lineWidth: 0, aliasDuplicateObjects: false})
    }
  }
}
