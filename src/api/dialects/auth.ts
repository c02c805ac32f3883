/** Requests that wait for an administrator (0.29+): an SSH check, a web login. */
import {normalizeRegistrationKey} from '../../domain/values/registration-key.ts'
import {HeadscaleError} from '../../errors.ts'
import type {AuthApi} from '../control-api.ts'
import type {Dialect} from './shared/dialect.ts'

export function authDialect({group, call}: Dialect): AuthApi {
  const decide = async (operation: 'AuthApprove' | 'AuthReject', rawId: string) => {
    // Without the operation the call below reports the old release; the form of the id does not matter then.
    const authId = group.operations.has(operation)
      ? normalizeRegistrationKey(rawId, group.capabilities.registrationKeys)
      : ''
    await call(operation, {authId}).catch((error: unknown) => {
      throw error instanceof HeadscaleError && error.code === 'not-found' ? nothingPending(error) : error
    })
  }
  return {
    approve: (rawId) => decide('AuthApprove', rawId),
    reject: (rawId) => decide('AuthReject', rawId),
  }
}

function nothingPending({message, details, cause}: HeadscaleError): HeadscaleError {
  const hint = 'no pending request has this id: requests expire, so try again on the client'
  return new HeadscaleError('not-found', message, {hint, details, cause})
}
