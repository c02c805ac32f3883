/**
 * Findings → text for people, workflow commands for GitHub, plain data for `-o json`.
 *
 * Values in, strings out; each line ends with its newline. The report around them belongs to the command.
 */
import {printable} from '../text/untrusted.ts'
import type {Finding} from './finding.ts'
import type {FindingDocument} from './finding-schema.ts'

/** Errors and warnings, counted. */
export function countFindings(findings: readonly Finding[]): {errors: number; warnings: number} {
  const errors = findings.filter(({severity}) => severity === 'error').length
  return {errors, warnings: findings.length - errors}
}

/** `file:line:column: error code: what`, then why and what to do, indented. */
export function findingText({place, severity, code, message, reason, fix}: Finding): string {
  const head = `${place.file}:${place.line}:${place.column}: ${severity} ${code}: ${message}`
  return [head, `  why: ${reason}`, `  fix: ${fix}`].map((line) => `${printable(line)}\n`).join('')
}

/** `file:line:column: what; fix`, for a command whose purpose is another. */
export function findingLine(finding: Finding): string {
  const {file, line, column} = finding.place
  return `${file}:${line}:${column}: ${findingSentence(finding)}`
}

/** The same without the place. */
export function findingSentence({message, fix}: Finding): string {
  return `${message}; ${fix.charAt(0).toLowerCase()}${fix.slice(1)}`
}

/** One line, as GitHub Actions reads it from the output of a job. */
export function findingAnnotation({place, severity, code, message, reason, fix}: Finding): string {
  const escape = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string) => escape(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const where = `file=${property(place.file)},line=${place.line},col=${place.column},title=${property(code)}`
  return `::${severity} ${where}::${escape(`${message}. ${reason}. ${fix}.`)}\n`
}

/** The published shape of a finding. */
export function findingDocument({place, severity, code, path, message, reason, fix, edit}: Finding): FindingDocument {
  const {file, line, column} = place
  return {severity, code, file, line, column, path, message, reason, fix, fixable: edit !== null}
}

/** The text has no more; `-o json` has them all. */
const MAX_SHOWN = 500

/** Every finding and a summary line, or annotations alone. @param content what the files contain; null if nobody counted */
export function findingsText(
  findings: readonly Finding[],
  {format, file, content, release}: {format: 'text' | 'github'; file: string; content: string | null; release: string},
): string {
  const shown = findings.slice(0, MAX_SHOWN)
  if (format === 'github') return shown.map(findingAnnotation).join('')
  const more = findings.length > MAX_SHOWN ? `… and ${findings.length - MAX_SHOWN} more (use -o json for all)\n` : ''
  const counts = [...(content === null ? [] : [content]), countText(findings)].join('; ')
  const line = printable(`${file}: ${counts} (headscale ${release})`)
  return `${shown.map(findingText).join('')}${more}${line}\n`
}

/** `2 errors, 1 warning`, or `no errors, no warnings`. */
export function countText(findings: readonly Finding[]): string {
  const {errors, warnings} = countFindings(findings)
  const word = (count: number, noun: string) => `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`
  return `${word(errors, 'error')}, ${word(warnings, 'warning')}`
}
