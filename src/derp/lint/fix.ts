/**
 * `derp validate --fix`: repairs what has one right answer, in the text, and touches nothing else.
 *
 * Keys in the wrong case, numbers in quotes, node region ids, pins in capitals: the findings bring the edit. A repair
 * can bring more to light (the fields under a key that was passed over), so it goes on until nothing is left to do.
 */
import {checkSource} from './region-rules.ts'
import {parseSource} from '../read/parse.ts'
import type {Edit, Finding} from '../../diagnostics/finding.ts'
import type {Behaviour} from '../releases.ts'
import type {Dialect} from '../../syntax/tree.ts'

export interface Fixed {
  text: string
  /** What was repaired, in order, with the places of the text at that moment. */
  repaired: Finding[]
}

/** Each round brings at least one key to light, and a map is four levels deep. */
const MAX_ROUNDS = 20

/** Repairs a text; it comes back unchanged where there is nothing to repair. */
export async function fixText(text: string, file: string, dialect: Dialect, behaviour: Behaviour): Promise<Fixed> {
  const repaired: Finding[] = []
  let current = text
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const parsed = await parseSource(current, file, dialect, behaviour)
    const findings = [...parsed.findings, ...checkSource(parsed, behaviour)].filter(({edit}) => edit !== null)
    const chosen = withoutOverlap(findings)
    if (chosen.length === 0) break
    current = apply(
      current,
      chosen.map(({edit}) => edit as Edit),
    )
    repaired.push(...chosen)
  }
  return {text: current, repaired}
}

/** By offset; of edits that touch each other the first, the others wait for the next round. */
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
