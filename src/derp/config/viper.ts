/** Reads values of config.yaml as viper does for headscale: keys in any case, booleans and numbers in quotes or not. */
import {goBool, isNull} from '../../syntax/go-scalars.ts'
import type {Findings} from '../../diagnostics/finding.ts'
import type {Tree} from '../../syntax/tree.ts'

/** A value by key in any case, null when it is absent or null. */
export function get(tree: Tree | null, key: string): Tree | null {
  if (tree?.kind !== 'map') return null
  const value = tree.entries.findLast((entry) => entry.key.text.toLowerCase() === key)?.value
  return value === undefined || isNull(value) ? null : value
}

/** A scalar as text, '' for anything else. */
export function textOf(tree: Tree | null): string {
  return tree?.kind === 'scalar' ? tree.text : ''
}

/** Viper takes quoted booleans and numbers too. */
export function boolOf(tree: Tree | null, otherwise: boolean): boolean {
  if (tree?.kind !== 'scalar') return otherwise
  if (tree.text === '1') return true
  return goBool({...tree, style: 'plain'}).value ?? otherwise
}

/** A warning for each key that headscale does not read. */
export function reportUnknownKeys(tree: Tree | null, known: readonly string[], path: string, findings: Findings): void {
  if (tree?.kind !== 'map') return
  for (const {key} of tree.entries) {
    if (known.includes(key.text.toLowerCase())) continue
    findings.warning('unknown-key', key.place, `${path}.${key.text}`, {
      message: `headscale reads no key '${path}.${key.text}'`,
      reason: 'It is passed over without a word',
      fix: `Delete it, or use one of ${known.join(', ')}`,
    })
  }
}
