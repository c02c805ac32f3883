/** Requests that wait for an administrator (0.29+): an SSH check, a web log-in. */
import {normalizeRegistrationKey} from '../../domain/registration-key.ts'
import {HeadscaleError} from '../../errors.ts'
import type {AuthApi} from '../control-api.ts'
import type {Dialect} from './dialect.ts'

export function authDialect({group, call}: Dialect): AuthApi {
  const decide = async (operation: 'AuthApprove' | 'AuthReject', pasted: string) => {
    // Asked for first, so that an older server is named as the reason and not the form of the id.
    const authId = group.operations.has(operation)
      ? normalizeRegistrationKey(pasted, group.capabilities.registrationKeys)
      : ''
    await call(operation, {authId}).catch((error: unknown) => {
      throw error instanceof HeadscaleError && error.code === 'not-found' ? nobodyWaits(error) : error
    })
  }
  return {
    approve: (pasted) => decide('AuthApprove', pasted),
    reject: (pasted) => decide('AuthReject', pasted),
  }
}

function nobodyWaits({message, details, cause}: HeadscaleError): HeadscaleError {
  const hint = 'no request waits under this id: requests end after a time, so let the client try again'
  return new HeadscaleError('not-found', message, {hint, details, cause})
}
