/** The access policy (0.23+), and the server's judgement of one (0.29+). */
import {HeadscaleError} from '../../errors.ts'
import type {PolicyApi, StoredPolicy} from '../control-api.ts'
import {type Dialect, readTime} from './dialect.ts'

interface WirePolicy {
  policy: string
  updatedAt?: string | null
}

export function policyDialect({group, call}: Dialect): PolicyApi {
  const read = ({policy, updatedAt}: WirePolicy): StoredPolicy => ({text: policy, updatedAt: readTime(updatedAt)})
  return {
    async get() {
      try {
        return read(await call<WirePolicy>('GetPolicy', {}))
      } catch (error) {
        throw error instanceof HeadscaleError && error.code === 'not-found' ? noneStored(error) : error
      }
    },

    async set(text) {
      try {
        return read(await call<WirePolicy>('SetPolicy', {policy: text}))
      } catch (error) {
        throw group.capabilities.rejectedPolicyBreaksState ? poisoned(error) : error
      }
    },

    async check(text) {
      await call('CheckPolicy', {policy: text})
    },
  }
}

function noneStored({message, details, cause}: HeadscaleError): HeadscaleError {
  const hint = 'no policy is stored, so everybody may reach everything; store one: headscale-ts policy set -f FILE'
  return new HeadscaleError('not-found', message, {hint, details, cause})
}

/** Until it gets a good policy such a server answers errors to calls it carries out. Source: run on v0.25.1. */
function poisoned(error: unknown): unknown {
  if (!(error instanceof HeadscaleError) || error.code !== 'invalid-input') return error
  return new HeadscaleError(error.code, error.message, {
    cause: error,
    details: error.details,
    hint: 'this release is in disorder after a refused policy: set a good one or restart it before anything else',
  })
}
