/**
 * `derp validate --fix`: fixes problems that have one correct fix, in the text, and changes nothing else.
 *
 * Keys in the wrong case, numbers in quotes, region ids of nodes, notations of pins: the findings have the edit. A fix can
 * reveal more problems (the fields under a key that was ignored), so it is repeated until nothing is left to do.
 */
import {checkSource} from './region-rules.ts'
import {parseSource} from '../read/parse.ts'
import type {Edit, Finding} from '../../diagnostics/finding.ts'
import type {Behaviour} from '../releases.ts'
import type {Format} from '../../syntax/tree.ts'

export interface Fixed {
  text: string
  /** What was fixed, in order, with the places in the text at that moment. */
  fixes: Finding[]
}

/** Each round fixes at least one key, and a map is four levels deep. */
const MAX_ROUNDS = 20

/** Fixes a text; it is returned unchanged where there is nothing to fix. */
export async function fixText(text: string, file: string, format: Format, behaviour: Behaviour): Promise<Fixed> {
  const fixes: Finding[] = []
  let current = text
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = await parseSource(current, file, format, behaviour)
    const findings = [...parsed.findings, ...checkSource(parsed, behaviour)].filter(({edit}) => edit !== null)
    const chosen = withoutOverlap(findings)
    if (chosen.length === 0) break
    current = apply(
      current,
      chosen.map(({edit}) => edit as Edit),
    )
    fixes.push(...chosen)
  }
  return {text: current, fixes}
}

/** By offset; of edits that touch each other the first; the others are left to the next round. */
function withoutOverlap(findings: readonly Finding[]): Finding[] {
  let end = -1
  return findings
    .toSorted((a, b) => (a.edit?.offset ?? 0) - (b.edit?.offset ?? 0))
    .filter(({edit}) => {
      if (edit === null || edit.offset <= end) return false
      end = edit.end
      return true
    })
}

/** Applies edits in the order of their offsets. */
function apply(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = []
  let at = 0
  for (const {offset, end, text: replacement} of edits) {
    pieces.push(text.slice(at, offset), replacement)
    at = end
  }
  return pieces.join('') + text.slice(at)
}
