/**
 * Findings → text for people, workflow commands for GitHub, plain data for `-o json`.
 *
 * Values in, strings out; each line ends with its newline.
 */
import {printable} from '../text/untrusted.ts'
import type {Finding} from './finding.ts'
import type {FindingDocument, ValidationDocument} from '../derp/map-schemas.ts'
import type {Report} from '../derp/lint/validate-command.ts'

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

/** One line each as GitHub Actions reads them from a job's output. */
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

/** `2 errors, 1 warning`, or `no errors, no warnings`. */
export function countText(findings: readonly Finding[]): string {
  const {errors, warnings} = countFindings(findings)
  const word = (count: number, noun: string) => `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`
  return `${word(errors, 'error')}, ${word(warnings, 'warning')}`
}

/** More than anybody reads; `-o json` has them all. */
const MAX_SHOWN = 500

/** The whole answer: every finding and a last line, or annotations alone. */
export function reportText(report: Report, format: 'text' | 'github'): string {
  const {findings, files, regions, nodes, release} = report
  const shown = findings.slice(0, MAX_SHOWN)
  if (format === 'github') return shown.map(findingAnnotation).join('')
  const what = `${regions} region${regions === 1 ? '' : 's'}, ${nodes} node${nodes === 1 ? '' : 's'}`
  const last = `${files.join(', ')}: ${what}; ${countText(findings)} (headscale ${release})`
  const more = findings.length > MAX_SHOWN ? `… and ${findings.length - MAX_SHOWN} more (-o json has all)\n` : ''
  return `${shown.map(findingText).join('')}${more}${printable(last)}\n`
}

/** The published shape of the answer. */
export function reportDocument({release, files, findings, regions, nodes}: Report): ValidationDocument {
  return {release, files, regions, nodes, ...countFindings(findings), findings: findings.map(findingDocument)}
}
