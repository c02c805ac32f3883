/** The access policy (0.23+), and its validation by the server without storing it (0.29+). */
import {HeadscaleError} from '../../errors.ts'
import type {PolicyApi, StoredPolicy} from '../control-api.ts'
import {type Dialect, readTime} from './shared/dialect.ts'

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
        throw hasCode(error, 'not-found') ? withHint(error, NONE_STORED) : error
      }
    },

    async set(text) {
      try {
        return read(await call<WirePolicy>('SetPolicy', {policy: text}))
      } catch (error) {
        throw rejected(error, {breaksState: group.capabilities.rejectedPolicyBreaksState})
      }
    },

    async check(text) {
      try {
        await call('CheckPolicy', {policy: text})
      } catch (error) {
        throw rejected(error, {breaksState: false})
      }
    },
  }
}

const NONE_STORED =
  'no policy is stored, so every node can reach every other; to store one: headscale-ts policy set -f FILE'

/** The server's error for a name that is neither a host nor a user: 0.26 to 0.28, and 0.29. */
const UNKNOWN_HOST = /Host "([^"]*)" is not defined in the Policy|host not defined in policy: "([^"]*)"/

/**
 * @param breaksState the server keeps a rejected policy in memory: until a valid one is set, it returns errors even for
 * calls that succeed. Observed on v0.25.1.
 */
function rejected(error: unknown, {breaksState}: {breaksState: boolean}): unknown {
  if (!hasCode(error, 'invalid-input')) return error
  const [, older, newer] = UNKNOWN_HOST.exec(error.message) ?? []
  const name = older ?? newer
  const hints = [
    ...(name === undefined ? [] : [`for the user ${name} write "${name}@"; for a host add it to "hosts"`]),
    ...(breaksState
      ? ['this release is in an inconsistent state after rejecting a policy: set a valid one or restart it']
      : []),
  ]
  return hints.length === 0 ? error : withHint(error, hints.join('. '))
}

function hasCode(error: unknown, code: HeadscaleError['code']): error is HeadscaleError {
  return error instanceof HeadscaleError && error.code === code
}

function withHint({code, message, details, cause}: HeadscaleError, hint: string): HeadscaleError {
  return new HeadscaleError(code, message, {hint, details, cause})
}
