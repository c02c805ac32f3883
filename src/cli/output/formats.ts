/** The machine-readable output formats, and the one that a command line requests. */

export const OUTPUT_FORMATS = ['json', 'json-line', 'yaml'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

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
  return OUTPUT_FORMATS.find((format) => format === found) ?? null
}
