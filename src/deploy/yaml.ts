/**
 * Text in YAML and comments of configuration files.
 *
 * Written here and not by a library, because the readers differ: go-yaml 2 and 3 and compose read the same text, and
 * must all read the same string.
 */

const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i

/** A string: plain where every YAML reader takes it for one, quoted otherwise. */
export function yamlText(value: string): string {
  if (/^[A-Za-z/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*$/.test(value) && !RESERVED.test(value)) return value
  // The name of a region or node such as 900a; never a number such as 9e2.
  if (/^[0-9]+[a-df-wyz][a-z]*$/.test(value)) return value
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(value)) return value
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/.test(value)) return JSON.stringify(value)
  return `'${value.replaceAll("'", "''")}'`
}

/** `# ` before each line; a line break inside one cannot end the comment. */
export function comment(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line.replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, ' ')}`.trimEnd())
}
