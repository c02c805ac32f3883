/**
 * HuJSON: JSON with comments and trailing commas, which policies are written in.
 *
 * Comments and commas are blanked out and the rest is JSON; positions stay what they were, so that a fault can be
 * given its line and column as github.com/tailscale/hujson gives it.
 */

export type HuJson = {value: unknown} | {fault: string}

export function parseHuJson(source: string): HuJson {
  const plain = standardize(source)
  try {
    return {value: JSON.parse(plain)}
  } catch (error) {
    const message = String(error)
    const position = /position (\d+)/.exec(message)?.[1]
    const ended = position === undefined || Number(position) >= source.length
    const at = ended ? source.length : Number(position)
    const literal = /^\w+/.exec(source.slice(at))?.[0]
    const strange = literal ? `invalid literal: ${literal}` : `invalid character ${JSON.stringify(source[at])}`
    const why = ended ? 'parsing value: unexpected EOF' : strange
    const lines = source.slice(0, at).split('\n')
    return {fault: `hujson: line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${why}`}
  }
}

function standardize(source: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, ' ')
  const withoutComments = source.replaceAll(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : blank(part),
  )
  return withoutComments.replaceAll(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (part) => (part === ',' ? ' ' : part))
}
