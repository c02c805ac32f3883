/** `policy access`: who can reach what by a policy. */
import {type AccessRow, listAccess} from '../../policy/access/access.ts'
import {meaningOf} from '../../policy/access/words.ts'
import {Resolver} from '../../policy/compile/tailnet.ts'
import {usageError} from '../../errors.ts'
import type {AccessInput} from './access-input.ts'

/** @param words SRC and DST, as for policy explain; all when absent @throws HeadscaleError as meaningOf */
export function accessRows(
  {policy, tailnet, rules}: AccessInput,
  {from, to}: {from?: string | undefined; to?: string | undefined},
): AccessRow[] {
  const resolver = new Resolver(policy ?? {groups: [], hosts: []}, tailnet, rules)
  const setOf = (word: string | undefined, what: 'SRC' | 'DST') =>
    word === undefined ? undefined : meaningOf(word, {resolver, policy, what}).set
  if (to === 'autogroup:self') throw usageError('--to cannot be autogroup:self', 'name a user, such as anna@')
  return listAccess(policy, tailnet, rules, {from: setOf(from, 'SRC'), to: setOf(to, 'DST')})
}
