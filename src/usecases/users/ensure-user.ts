import type {ControlApi, NewUser} from '../../api/control-api.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {type Ensured, unchanged} from '../ensured.ts'
import {planCreateUser} from './create-user.ts'

/**
 * Plans that a user with this name exists. One of single sign-on counts, since a second user with the name would be
 * ambiguous.
 * @throws HeadscaleError (invalid-input) for a user with another profile, which headscale cannot change, (ambiguous)
 */
export async function planEnsureUser(api: ControlApi, user: NewUser): Promise<ChangePlan<Ensured<User>>> {
  const existing = await findByName(api, user.name)
  if (existing) {
    checkProfile(api, existing, user)
    return unchanged(existing)
  }
  const plan = await planCreateUser(api, user)
  return {
    ...plan,
    async apply() {
      try {
        return {outcome: 'created', object: await plan.apply()}
      } catch (error) {
        // Another run can have created it in between; some releases report that as a failure of the database.
        if (!(error instanceof HeadscaleError) || !['already-exists', 'failed'].includes(error.code)) throw error
        const other = await findByName(api, user.name)
        if (!other) throw error
        checkProfile(api, other, user)
        return {outcome: 'unchanged', object: other}
      }
    },
  }
}

async function findByName(api: ControlApi, name: string): Promise<User | null> {
  const namesakes = (await api.users.list()).filter((user) => user.name === name)
  const local = namesakes.filter(({providerId}) => !providerId)
  const found = local.length > 0 ? local : namesakes
  if (found.length <= 1) return found[0] ?? null
  throw new HeadscaleError('ambiguous', `several users have this name: ${found.map(describeUser).join('; ')}`, {
    details: {candidates: found.map(({id, email}) => ({id, name, email}))},
  })
}

function checkProfile(api: ControlApi, user: User, {displayName, email, pictureUrl}: NewUser): void {
  const wanted = [
    ['display name', displayName, user.displayName],
    ['email address', email, user.email],
    ['picture URL', pictureUrl, user.profilePictureUrl],
  ] as const
  const differs = wanted.find(([, value, current]) => value !== undefined && value !== (current ?? ''))
  if (!differs) return
  const [what, value, current] = differs
  const word = api.server.capabilities.ownerWord
  throw new HeadscaleError(
    'invalid-input',
    `${word} ${describeUser(user)} has the ${what} ${JSON.stringify(current ?? '')}, not ${JSON.stringify(value)}`,
    {hint: `headscale cannot change it; leave the flag out to accept this ${word}`, details: {id: user.id}},
  )
}
