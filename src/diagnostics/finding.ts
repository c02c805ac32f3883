/**
 * One thing that is wrong with a map or a configuration: where, what, why it matters, and what to do.
 *
 * Every check of the folder answers with these; nobody prints here. The codes are stable words that scripts may
 * select by, and docs/derp.md lists them all.
 */
import type {Place} from '../syntax/tree.ts'

/** An error makes a relay or the server fail; a warning works, but not as one would think. */
export type Severity = 'error' | 'warning'

/** A replacement of text that has one right answer (`derp validate --fix`). */
export interface Edit {
  offset: number
  end: number
  text: string
}

export interface Finding {
  severity: Severity
  /** A stable word, kebab case. */
  code: string
  place: Place
  /** Where in the map: `regions.900.nodes[0].derpport`; '' for the whole file. */
  path: string
  /** What stands there. One sentence, no full stop. */
  message: string
  /** What headscale or the clients do with it. */
  reason: string
  /** What to write instead. */
  fix: string
  /** null where only a person can know. */
  edit: Edit | null
}

/** What a check says; the reporter adds where. */
export interface Remark {
  message: string
  reason: string
  fix: string
  edit?: Edit | undefined
}

/** Findings in the making. */
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
