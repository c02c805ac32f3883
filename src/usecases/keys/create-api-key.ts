import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {type Change, otherChange} from '../../domain/change.ts'
import {formatTime} from '../../domain/values/time.ts'
import {keyOfSecret} from './find-api-key.ts'

/** A new key, and its secret, which the server shows only now. */
export interface NewApiKey {
  secret: string
  key: ApiKey
}

/** @param complete whether everything about the key is needed, which costs another call */
export async function createApiKey(
  api: ControlApi,
  expiration: Date,
  {complete}: {complete: boolean},
): Promise<NewApiKey> {
  const secret = await api.apiKeys.create(expiration)
  // The server returns only the secret; the list has the rest. If the list fails, the secret is printed anyway.
  const listed = complete ? keyOfSecret(await api.apiKeys.list().catch(() => []), secret) : null
  return {secret, key: listed ?? {id: '', prefix: '', expiration, createdAt: null, lastSeen: null}}
}

export function apiKeyCreation(expiration: Date): Change {
  const after = {expiration: formatTime(expiration)}
  const summary = `create an API key that expires at ${after.expiration}`
  return otherChange({action: 'create', kind: 'api-key', after, summary})
}
