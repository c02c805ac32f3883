import type {ControlApi, PendingNode} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import {describeUser} from '../../domain/user.ts'
import type {ChangePlan} from '../change-plan.ts'
import {resolveUser} from '../users/resolve-user.ts'

/** Plans a fake pending node. @throws HeadscaleError as resolveUser */
export async function planDebugNode(
  api: ControlApi,
  {name, user, rawKey, routes}: {name: string; user: string; rawKey: string | null; routes: string[]},
): Promise<ChangePlan<PendingNode>> {
  const owner = await resolveUser(api, user)
  const change = otherChange({
    action: 'create-node',
    kind: 'node',
    name,
    owner: {id: owner.id, name: owner.name},
    after: {name, user: owner.name, routes},
    summary: `create a pending node ${name} for ${describeUser(owner)}`,
  })
  return {
    changes: [change],
    apply: () => api.debug.createNode({name, user: owner, rawKey, routes}),
  }
}
