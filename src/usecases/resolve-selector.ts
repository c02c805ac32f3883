import type {ControlApi, ReportedFact} from '../api/control-api.ts'
import type {Condition, Fact} from '../domain/selector.ts'
import type {User} from '../domain/user.ts'
import {resolveUsers} from './users/resolve-user.ts'

/**
 * Checks that the release reports what a condition asks for; sends nothing.
 * @throws HeadscaleError (unsupported-by-server) naming the flag of the condition
 */
export function requireFact(
  api: ControlApi,
  selector: readonly Pick<Condition, 'is' | 'not'>[],
  is: Fact,
  reported: ReportedFact,
): void {
  for (const condition of selector) {
    if (condition.is === is) api.requireReported(reported, condition.not ? `--not-${is}` : `--${is}`)
  }
}

/**
 * The selector with users in place of the texts that name them. A user who does not exist is an error, never a selector
 * that matches nothing. Sends nothing for a selector without users.
 * @throws HeadscaleError as resolveUser
 */
export async function withUsers<Is extends Fact>(
  api: ControlApi,
  selector: readonly Condition<Is, string>[],
): Promise<Condition<Is, User>[]> {
  const refs = selector.flatMap((condition) => (condition.is === 'user' ? [condition.value as string] : []))
  const users = await resolveUsers(api, refs)
  const resolve = (ref: unknown) => users[refs.indexOf(ref as string)]!
  const resolved: unknown[] = selector.map((condition) =>
    condition.is === 'user' ? {...condition, value: resolve(condition.value)} : condition,
  )
  return resolved as Condition<Is, User>[]
}
