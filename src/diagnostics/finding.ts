/**
 * One problem in a file: where, what, why it matters, and what to do.
 *
 * Checks return findings; report.ts prints them. Scripts may select by the codes, which never change; the
 * documentation of each command lists them (docs/derp.md).
 */
import type {Place} from '../syntax/tree.ts'

/** With an error something fails; with a warning it works, but probably not as intended. */
export type Severity = 'error' | 'warning'

/** A replacement of text, where there is one right answer (`derp validate --fix`). */
export interface Edit {
  offset: number
  end: number
  text: string
}

export interface Finding {
  severity: Severity
  /** A stable identifier in kebab case. */
  code: string
  place: Place
  /** Position in the document: `regions.900.nodes[0].derpport`; '' for the whole file. */
  path: string
  /** The problem. One sentence without a full stop. */
  message: string
  /** What headscale or the clients do with it. */
  reason: string
  /** What to write instead. */
  fix: string
  /** null where only a person can decide. */
  edit: Edit | null
}

/** The text of a finding; the caller adds the place. */
export interface Remark {
  message: string
  reason: string
  fix: string
  edit?: Edit | undefined
}

/** Collects findings. */
export class Findings {
  readonly list: Finding[] = []

  error(code: string, place: Place, path: string, remark: Remark): void {
    this.#add('error', code, place, path, remark)
  }

  warning(code: string, place: Place, path: string, remark: Remark): void {
    this.#add('warning', code, place, path, remark)
  }

  #add(severity: Severity, code: string, place: Place, path: string, {message, reason, fix, edit}: Remark): void {
    this.list.push({severity, code, place, path, message, reason, fix, edit: edit ?? null})
  }
}

/** By file (in the order of first mention), then by place; errors before warnings at one place. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const files = [...new Set(findings.map((finding) => finding.place.file))]
  return findings.toSorted(
    (a, b) =>
      files.indexOf(a.place.file) - files.indexOf(b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      a.severity.localeCompare(b.severity) ||
      a.code.localeCompare(b.code),
  )
}
