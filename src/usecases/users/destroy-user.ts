/** What goes with a user when it is destroyed, said and counted before anybody is asked. */
import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'

export interface DestroyPlan {
  user: User
  question: string
  /** What else is lost, one line each. */
  facts: string[]
  /** Pre-auth keys of other users that go too: a defect of headscale 0.28.0. */
  foreignKeys: number
}

/** @throws HeadscaleError (invalid-input) while the user has nodes: the server would refuse */
export async function planDestroyUser(api: ControlApi, user: User): Promise<DestroyPlan> {
  const {ownerWord, preAuthKeysHaveIds, destroyDeletesAllPreAuthKeys} = api.server.capabilities
  const [nodes, keys] = await Promise.all([
    api.nodes.list({userName: user.name}),
    api.preAuthKeys.list(preAuthKeysHaveIds && destroyDeletesAllPreAuthKeys ? [] : [user]),
  ])
  const owned = nodes.filter((node) => node.user?.id === user.id)
  if (owned.length > 0) {
    throw new HeadscaleError('invalid-input', `${ownerWord} "${user.name}" still has ${count(owned.length, 'node')}`, {
      hint: `delete or move them first; see: headscale-ts nodes list --user ${user.name}`,
      details: {nodes: owned.map(({id}) => id)},
    })
  }
  const own = keys.filter((key) => key.user?.id === user.id).length
  const foreignKeys = destroyDeletesAllPreAuthKeys ? keys.length - own : 0
  const facts = own > 0 ? [`${count(own, 'pre-auth key')} of ${user.name} will be deleted`] : []
  if (foreignKeys > 0) {
    facts.push(
      `headscale 0.28.0 deletes the pre-auth keys of ALL users with any user: ${count(foreignKeys, 'key')} of others will be lost`,
    )
  }
  const question = `Do you want to remove the ${ownerWord} '${user.name}' and any associated preauthkeys?`
  return {user, question, facts, foreignKeys}
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
