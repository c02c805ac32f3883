/** The output formats, and the one that a command line requests. */

/** The document of a command. Errors on standard error are in the same format. */
export const OUTPUT_FORMATS = ['json', 'json-line', 'yaml'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** The format of a document, or null for another format. */
export function documentFormatOf(format: string | undefined): OutputFormat | null {
  return OUTPUT_FORMATS.find((known) => known === format) ?? null
}

/** Formats of lists beside the document, as `-o` takes them. Errors are text. */
export const LIST_FORMATS = [...OUTPUT_FORMATS, 'wide', 'csv', 'tsv', 'name', 'id', 'jsonpath=EXPR'] as const

/** The format of a list; `table` without `-o`. */
export type ListFormat = OutputFormat | 'table' | 'wide' | 'csv' | 'tsv' | 'name' | 'id' | 'jsonpath'

const JSONPATH = 'jsonpath='

/** The JSONPath expression of `jsonpath=EXPR`, or null for another format. */
export function jsonPathOf(output: string | undefined): string | null {
  return output?.startsWith(JSONPATH) ? output.slice(JSONPATH.length) : null
}

/** @param output a valid value of `-o` */
export function listFormatOf(output: string | undefined): ListFormat {
  if (output === undefined) return 'table'
  return jsonPathOf(output) === null ? (output as ListFormat) : 'jsonpath'
}

/**
 * The output format that argv requests, found without the parser, whose errors are reported in this format too.
 * @returns null for text
 */
export function formatFromArgv(argv: readonly string[]): OutputFormat | null {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  let found: string | undefined
  words.forEach((word, i) => {
    if (word === '-o' || word === '--output') found = words[i + 1]
    else if (word.startsWith('--output=')) found = word.slice('--output='.length)
    else if (/^-o=?[a-z]/.test(word)) found = word.replace(/^-o=?/, '')
  })
  return documentFormatOf(found)
}
