/**
 * Values of headscale's config.yaml as viper reads them: keys in any case, numbers in quotes or not, and booleans by
 * rules of their own.
 *
 * viper parses YAML into untyped values and converts one when it is asked for (spf13/cast). From headscale 0.16 on the
 * parser is go-yaml v3, for which `yes` and `on` are texts, and a text that strconv.ParseBool rejects is silently
 * false. Read in viper 1.10 to 1.21 and cast 1.4 to 1.10. The caller decides which rules a release has.
 */
import {YAML_FALSE, YAML_TRUE, goFloat, isNull} from './go-scalars.ts'
import type {ScalarTree, Tree} from './tree.ts'

/** How a headscale release converts booleans. */
export interface ViperRules {
  /** Of go-yaml. Version 2 (headscale 0.15) reads `yes`, `on` and `y` as true. */
  viperYaml: 2 | 3
  /** Whether a number with a fraction is true unless it is 0 (from headscale 0.23 on), or false. */
  viperFloats: boolean
}

/** A boolean setting. */
export interface ViperBool {
  value: boolean
  /** Null where the setting is absent or a boolean; else the text that is not, which headscale reads as `value`. */
  invalid: string | null
}

/** A value by key in any case; null when it is absent or null, which is the same to viper. */
export function viperGet(tree: Tree | null, key: string): Tree | null {
  if (tree?.kind !== 'map') return null
  const value = tree.entries.findLast((entry) => entry.key.text.toLowerCase() === key)?.value
  return value === undefined || isNull(value) ? null : value
}

/** A scalar as text, '' for anything else. */
export function viperText(tree: Tree | null): string {
  return tree?.kind === 'scalar' ? tree.text : ''
}

const TRUE = new Set(['1', 't', 'T', 'true', 'True', 'TRUE'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE'])

/**
 * A boolean as headscale reads it.
 *
 * @param tree what `viperGet` returned
 * @param byDefault the value of an absent setting
 */
export function viperBool(tree: Tree | null, byDefault: boolean, rules: ViperRules): ViperBool {
  if (tree === null) return {value: byDefault, invalid: null}
  if (tree.kind !== 'scalar') return {value: false, invalid: tree.kind === 'map' ? 'a map' : 'a list'}
  const {text} = tree
  // The value of an untyped YAML boolean, of strconv.ParseBool, and of the integers 0 and 1 agree on these.
  if (TRUE.has(text)) return {value: true, invalid: null}
  if (FALSE.has(text)) return {value: false, invalid: null}
  if (tree.style === 'plain' && rules.viperYaml === 2) {
    if (YAML_TRUE.has(text)) return {value: true, invalid: null}
    if (YAML_FALSE.has(text)) return {value: false, invalid: null}
  }
  const number = numberOf(tree)
  if (number === null || (!Number.isInteger(number) && !rules.viperFloats)) return {value: false, invalid: text}
  return {value: number !== 0, invalid: text}
}

/** An unquoted number, or null. */
function numberOf(tree: ScalarTree): number | null {
  return tree.style === 'quoted' || !/^[-+.0-9]/.test(tree.text) ? null : goFloat(tree, 'yaml').value
}
