/** What `setup check` prints: every finding and a summary line, annotations for GitHub alone, or plain data. */
import {countFindings, countText, findingAnnotation, findingDocument, findingText} from '../../diagnostics/report.ts'
import {printable} from '../../text/untrusted.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {ConfigCheckDocument} from '../schemas.ts'

export interface ConfigReport {
  release: string
  /** As named on the command line. */
  file: string
  findings: Finding[]
}

export function reportText({release, file, findings}: ConfigReport, format: 'text' | 'github'): string {
  if (format === 'github') return findings.map(findingAnnotation).join('')
  const last = `${file}: ${countText(findings)} (headscale ${release})`
  return `${findings.map(findingText).join('')}${printable(last)}\n`
}

export function reportDocument({release, file, findings}: ConfigReport): ConfigCheckDocument {
  return {release, file, ...countFindings(findings), findings: findings.map(findingDocument)}
}
