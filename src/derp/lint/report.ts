/**
 * What `derp validate` prints: every finding and a summary line, annotations for GitHub alone, or plain data.
 */
import {countFindings, countText, findingAnnotation, findingDocument, findingText} from '../../diagnostics/report.ts'
import {printable} from '../../text/untrusted.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {ValidationDocument} from '../map-schemas.ts'

export interface ValidationReport {
  release: string
  /** As named on the command line. */
  files: string[]
  findings: Finding[]
  /** Regions and nodes in force, over all sources. */
  regions: number
  nodes: number
  /** What was fixed or left out, for stderr. */
  notes: string[]
}

/** The text has no more; `-o json` has them all. */
const MAX_SHOWN = 500

/** Every finding and a summary line, or annotations alone. */
export function reportText(report: ValidationReport, format: 'text' | 'github'): string {
  const {findings, files, regions, nodes, release} = report
  const shown = findings.slice(0, MAX_SHOWN)
  if (format === 'github') return shown.map(findingAnnotation).join('')
  const what = `${regions} region${regions === 1 ? '' : 's'}, ${nodes} node${nodes === 1 ? '' : 's'}`
  const last = `${files.join(', ')}: ${what}; ${countText(findings)} (headscale ${release})`
  const more = findings.length > MAX_SHOWN ? `… and ${findings.length - MAX_SHOWN} more (use -o json for all)\n` : ''
  return `${shown.map(findingText).join('')}${more}${printable(last)}\n`
}

/** The published form of the report. */
export function reportDocument({release, files, findings, regions, nodes}: ValidationReport): ValidationDocument {
  return {release, files, regions, nodes, ...countFindings(findings), findings: findings.map(findingDocument)}
}
