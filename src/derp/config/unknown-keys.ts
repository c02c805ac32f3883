/** A warning for each key of the derp block that headscale does not read. */
import {nearestKey} from '../read/nearest-key.ts'
import type {Findings} from '../../diagnostics/finding.ts'
import type {Tree} from '../../syntax/tree.ts'

export function reportUnknownKeys(tree: Tree | null, known: readonly string[], path: string, findings: Findings): void {
  if (tree?.kind !== 'map') return
  for (const {key} of tree.entries) {
    if (known.includes(key.text.toLowerCase())) continue
    const meant = nearestKey(key.text.toLowerCase(), known)
    findings.warning('unknown-key', key.place, `${path}.${key.text}`, {
      message: `Unknown key '${path}.${key.text}'`,
      reason: 'headscale silently ignores it',
      fix: meant === null ? `Delete it, or use one of ${known.join(', ')}` : `Write ${meant}`,
    })
  }
}
