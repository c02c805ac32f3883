import type {ControlApi} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'
import {describeUser} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {resolveUser} from '../users/resolve-user.ts'

/**
 * Plans the registration of a pending node for a user.
 * @throws HeadscaleError as resolveUser and nodes.register
 */
export async function planRegistration(
  api: ControlApi,
  {user, rawKey}: {user: string; rawKey: string},
): Promise<ChangePlan<Node>> {
  const owner = await resolveUser(api, user)
  const change = otherChange({
    action: 'register',
    kind: 'node',
    owner: {id: owner.id, name: owner.name},
    after: {user: owner.name},
    summary: `register the pending node for ${describeUser(owner)}`,
  })
  return {
    changes: [change],
    apply: () =>
      api.nodes.register({user: owner, rawKey}).catch((error: unknown) => {
        throw error instanceof HeadscaleError && error.code === 'not-found' ? nothingPending(error) : error
      }),
  }
}

/** The user is known to exist, so the pending node was not found. */
function nothingPending({message, details, cause}: HeadscaleError): HeadscaleError {
  return new HeadscaleError('not-found', message, {
    hint: 'no pending node has this key: run `tailscale up` on the client again and use the new key',
    details,
    cause,
  })
}
