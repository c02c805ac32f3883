import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {HeadscaleError} from '../../errors.ts'
import {resolveUser} from '../users/resolve-user.ts'

/** Admits a waiting client for a user given by name or id. @throws HeadscaleError as resolveUser and nodes.register */
export async function registerNode(api: ControlApi, {user, pasted}: {user: string; pasted: string}): Promise<Node> {
  const owner = await resolveUser(api, user)
  try {
    return await api.nodes.register({userName: owner.name, pasted})
  } catch (error) {
    throw error instanceof HeadscaleError && error.code === 'not-found' ? nobodyWaits(error) : error
  }
}

/** The owner is known to exist, so it is the client that was not found. */
function nobodyWaits({message, details, cause}: HeadscaleError): HeadscaleError {
  return new HeadscaleError('not-found', message, {
    hint: 'no client waits under this key: run `tailscale up` on it again and use the key it prints then',
    details,
    cause,
  })
}
