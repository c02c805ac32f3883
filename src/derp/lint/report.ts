/**
 * What `derp validate` prints: every finding and a summary line, annotations for GitHub alone, or plain data.
 */
import {countFindings, findingDocument, findingsText} from '../../diagnostics/report.ts'
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

/** Every finding and a summary line, or annotations alone. */
export function reportText(report: ValidationReport, format: 'text' | 'github'): string {
  const {findings, files, regions, nodes, release} = report
  const content = `${regions} region${regions === 1 ? '' : 's'}, ${nodes} node${nodes === 1 ? '' : 's'}`
  return findingsText(findings, {format, file: files.join(', '), content, release})
}

/** The published form of the report. */
export function reportDocument({release, files, findings, regions, nodes}: ValidationReport): ValidationDocument {
  return {release, files, regions, nodes, ...countFindings(findings), findings: findings.map(findingDocument)}
}
