/** The access policy (0.23+), and its validation by the server without storing it (0.29+). */
import {HeadscaleError} from '../../errors.ts'
import type {PolicyApi, StoredPolicy} from '../control-api.ts'
import {type Dialect, readTime} from './shared/dialect.ts'

interface WirePolicy {
  policy: string
  updatedAt?: string | null
}

export function policyDialect({call}: Dialect): PolicyApi {
  const read = ({policy, updatedAt}: WirePolicy): StoredPolicy => ({text: policy, updatedAt: readTime(updatedAt)})
  return {
    async get() {
      try {
        return read(await call<WirePolicy>('GetPolicy', {}))
      } catch (error) {
        throw hasCode(error, 'not-found') ? withHint(error, NONE_STORED) : inFileMode(error)
      }
    },

    async set(text) {
      try {
        return read(await call<WirePolicy>('SetPolicy', {policy: text}))
      } catch (error) {
        throw rejected(inFileMode(error))
      }
    },

    async check(text) {
      try {
        await call('CheckPolicy', {policy: text})
      } catch (error) {
        throw rejected(error)
      }
    },
  }
}

const NONE_STORED =
  'no policy is stored, so every node can reach every other; to store one: headscale-ts policy set -f FILE'

/** The server's error for a name that is neither a host nor a user: 0.26 to 0.28, and 0.29. */
const UNKNOWN_HOST = /Host "([^"]*)" is not defined in the Policy|host not defined in policy: "([^"]*)"/

function rejected(error: unknown): unknown {
  if (!hasCode(error, 'invalid-input')) return error
  const [, older, newer] = UNKNOWN_HOST.exec(error.message) ?? []
  const name = older ?? newer
  return name === undefined
    ? error
    : withHint(error, `for the user ${name} write "${name}@"; for a host add it to "hosts"`)
}

/** What a server with policy.mode: file says when a policy is to be stored, and when it cannot read its file. */
const NOT_STORED = "update is disabled for modes other than 'database'"
const NOT_READ = /^reading policy from path "(.*)": /

/** Errors of a server that reads its policy from a file. */
function inFileMode(error: unknown): unknown {
  if (!(error instanceof HeadscaleError)) return error
  const {message} = error
  const details = {...error.details, policyMode: 'file'}
  if (message.includes(NOT_STORED)) {
    return new HeadscaleError(
      'unsupported-by-server',
      'this server reads its policy from a file and stores none (policy.mode: file)',
      {
        hint: 'change the file on the machine of the server, then run: systemctl reload headscale',
        details,
        cause: error,
      },
    )
  }
  const path = NOT_READ.exec(message)?.[1]
  if (path === undefined) return error
  return new HeadscaleError(
    path === '' ? 'not-found' : 'failed',
    path === '' ? 'this server has no policy: policy.mode is file, and policy.path is not set' : message,
    {
      hint: 'set policy.path in its config.yaml to the file of the policy, or policy.mode: database',
      details,
      cause: error,
    },
  )
}

function hasCode(error: unknown, code: HeadscaleError['code']): error is HeadscaleError {
  return error instanceof HeadscaleError && error.code === code
}

function withHint({code, message, details, cause}: HeadscaleError, hint: string): HeadscaleError {
  return new HeadscaleError(code, message, {hint, details, cause})
}
