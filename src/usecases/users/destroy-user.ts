/** Names what is deleted with a user, for the preview and the confirmation prompt, and what blocks the deletion. */
import type {ControlApi} from '../../api/control-api.ts'
import {userChange} from '../../domain/change.ts'
import {describeNode} from '../../domain/node.ts'
import {describeUser, type User, userLabel} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'

export interface DestroyPlan extends ChangePlan<User> {
  /** Pre-auth keys of other users that are deleted too, a bug in headscale 0.28.0; null if there are none. */
  keyLoss: {keys: number; warning: string} | null
}

/** @throws HeadscaleError (invalid-input) while the user has nodes: the server would reject it */
export async function planDestroyUser(api: ControlApi, user: User): Promise<DestroyPlan> {
  const {ownerWord, preAuthKeysHaveIds, destroyDeletesAllPreAuthKeys} = api.server.capabilities
  const [nodes, keys] = await Promise.all([
    api.nodes.list({user}),
    api.preAuthKeys.list(preAuthKeysHaveIds && destroyDeletesAllPreAuthKeys ? [] : [user]),
  ])
  if (nodes.length > 0) {
    const first = api.server.capabilities.movesNodes ? 'delete or move them' : 'delete them'
    throw new HeadscaleError(
      'invalid-input',
      `${ownerWord} ${describeUser(user)} still has ${count(nodes.length, 'node')}: ${some(nodes.map(describeNode))}`,
      {
        hint: `${first} first; see: headscale-ts nodes list --user id:${user.id}`,
        details: {nodes: nodes.map(({id}) => id)},
      },
    )
  }
  const own = keys.filter((key) => key.user?.id === user.id)
  const foreign = destroyDeletesAllPreAuthKeys ? keys.length - own.length : 0
  const warnings =
    own.length > 0
      ? [
          `${count(own.length, 'pre-auth key')} of ${userLabel(user)} will be deleted: ${some(own.map(({id}) => `id ${id}`))}`,
        ]
      : []
  const loss = `headscale 0.28.0 deletes the pre-auth keys of ALL users with any user: ${count(foreign, 'key')} of others will be lost`
  if (foreign > 0) warnings.push(loss)
  return {
    changes: [userChange(ownerWord, user, {action: 'destroy'})],
    question: `Do you want to remove the ${ownerWord} ${describeUser(user)} and any associated preauthkeys?`,
    warnings,
    keyLoss: foreign > 0 ? {keys: foreign, warning: loss} : null,
    async apply() {
      await api.users.destroy(user)
      return user
    },
  }
}

/** The first ten, and how many there are beside. */
function some(texts: readonly string[]): string {
  const more = texts.length - SHOWN
  return [...texts.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

const SHOWN = 10

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
