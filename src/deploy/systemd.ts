/** systemd units: sections with their settings, and the quoting of values. */

/** Settings in order; a setting may be repeated. */
export type Settings = readonly (readonly [name: string, value: string])[]

/** The lines of a unit file, sections in order. Values are written as they are: quote them first. */
export function unitFile(sections: readonly (readonly [name: string, settings: Settings])[]): string[] {
  return sections.flatMap(([name, settings], index) => [
    ...(index === 0 ? [] : ['']),
    `[${name}]`,
    ...settings.map(([key, value]) => `${key}=${value}`),
  ])
}

/** A command with its arguments. `specifiers` are words that systemd expands, such as `%d`. */
export function execLine(words: readonly string[], specifiers: RegExp | null = null): string {
  return words.map((word) => execWord(word, specifiers)).join(' ')
}

function execWord(word: string, specifiers: RegExp | null): string {
  const escaped = specifiers?.test(word) ? word : literal(word)
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(escaped)) return escaped
  return `"${escaped.replaceAll(/["\\$]/g, (found) => (found === '$' ? '$$' : `\\${found}`))}"`
}

/** A value in which `%` is not a specifier. */
export function literal(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/[\r\n]/g, ' ')
}
