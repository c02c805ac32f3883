/** A boolean of the derp block, with a finding where headscale reads another value than the text suggests. */
import {viperBool, viperGet} from '../../syntax/viper.ts'
import type {Findings} from '../../diagnostics/finding.ts'
import type {Behaviour} from '../releases.ts'
import type {Tree} from '../../syntax/tree.ts'

/** What people write for false. headscale reads false too, because it is not a valid boolean. */
const MEANT_FALSE = /^(?:n|no|off|disabled?)$/i

/**
 * The value headscale uses.
 *
 * @param effect what follows from the value when it is false, for the message of a text that is not a boolean
 */
export function booleanOf(
  block: Tree | null,
  key: string,
  path: string,
  byDefault: boolean,
  effect: string,
  behaviour: Behaviour,
  findings: Findings,
): boolean {
  const tree = viperGet(block, key)
  const {value, invalid} = viperBool(tree, byDefault, behaviour)
  if (tree === null || invalid === null) return value
  const isWrong = !value && !MEANT_FALSE.test(invalid)
  findings[isWrong ? 'error' : 'warning']('invalid-boolean', tree.place, path, {
    message: `${key} is '${invalid}', which is not a boolean`,
    reason: `headscale ${behaviour.release} reads ${value}${isWrong ? `, ${effect}` : ''}`,
    fix: isWrong ? `Write ${key}: true, or ${key}: false` : `Write ${key}: ${value}`,
  })
  return value
}
