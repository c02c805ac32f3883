/** What `setup check` prints: every finding and a summary line, annotations for GitHub alone, or plain data. */
import {countFindings, findingDocument, findingsText} from '../../diagnostics/report.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {ConfigCheckDocument} from '../schemas.ts'

export interface ConfigReport {
  release: string
  /** As named on the command line. */
  file: string
  findings: Finding[]
}

export function reportText({release, file, findings}: ConfigReport, format: 'text' | 'github'): string {
  return findingsText(findings, {format, file, content: null, release})
}

export function reportDocument({release, file, findings}: ConfigReport): ConfigCheckDocument {
  return {release, file, ...countFindings(findings), findings: findings.map(findingDocument)}
}
