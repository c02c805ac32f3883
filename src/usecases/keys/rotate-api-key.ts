/**
 * Replaces an API key: a new one is created and tried, and only when the user has it, the old one is expired. So whatever
 * fails on the way, a key that works remains.
 */
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {apiKeyCreation, createApiKey, type NewApiKey} from './create-api-key.ts'
import {apiKeyChange, describeApiKey, findApiKey, prefixOfSecret} from './find-api-key.ts'

/** What was done, for the user. */
export interface Rotation extends NewApiKey {
  old: ApiKey
  /** Whether a request with the new key succeeded; false over a socket, where requests need no key. */
  proven: boolean
}

interface RotationRequest {
  /** As findApiKey takes it; null for the key that is in use. */
  old: {id: string} | {text: string} | null
  expiration: Date
  now: Date
  /** Whether everything about the new key is needed. */
  complete: boolean
}

/** @throws HeadscaleError as findApiKey; (usage) if no key is in use */
export async function planRotation(
  api: ControlApi,
  {old: ref, expiration, now, complete}: RotationRequest,
): Promise<ChangePlan<Rotation>> {
  const old = ref ? await findApiKey(api, ref) : await keyInUse(api)
  const isOver = old.expiration !== null && old.expiration <= now
  let proven = false
  return {
    changes: [apiKeyCreation(expiration), ...(isOver ? [] : [apiKeyChange('expire', old)])],
    async apply() {
      const created = await createApiKey(api, expiration, {complete})
      proven = await prove(api, created.secret)
      return {...created, old, proven}
    },
    async afterwards() {
      if (isOver) return
      try {
        await api.apiKeys.expire(old)
      } catch (error) {
        throw notExpired(old, proven, error)
      }
    },
  }
}

async function keyInUse(api: ControlApi): Promise<ApiKey> {
  if (api.server.address === null) {
    throw usageError(
      'no API key given',
      'a socket needs no key, so none is in use: name the key to replace by ID or prefix',
    )
  }
  const key = (await api.apiKeys.list()).find((candidate) => api.apiKeys.isInUse(candidate))
  if (key) return key
  throw new HeadscaleError('not-found', 'the API key in use is not in the list of the server', {
    hint: 'name the key to replace by ID or prefix; see: headscale-ts apikeys list',
  })
}

async function prove(api: ControlApi, secret: string): Promise<boolean> {
  try {
    return await api.apiKeys.prove(secret)
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    const prefix = prefixOfSecret(secret)
    throw new HeadscaleError(
      error.code,
      `a request with the new API key failed, so the old one was not expired: ${error.message}`,
      {cause: error, hint: `expire the new key, and try again: headscale-ts apikeys expire --prefix ${prefix}`},
    )
  }
}

function notExpired(old: ApiKey, proven: boolean, error: unknown): unknown {
  if (!(error instanceof HeadscaleError)) return error
  return new HeadscaleError(
    'partial',
    `the new API key ${proven ? 'works' : 'was created'}, but ${describeApiKey(old)} was not expired: ${error.message}`,
    {
      cause: error,
      hint: `expire it with: headscale-ts apikeys expire -i ${old.id}`,
    },
  )
}
