/** Requests that wait for an administrator (0.29+): an SSH check, a web log-in. */
import {normalizeRegistrationKey} from '../../domain/registration-key.ts'
import type {AuthApi} from '../control-api.ts'
import type {Dialect} from './dialect.ts'

export function authDialect({era, call}: Dialect): AuthApi {
  const decide = async (operation: 'AuthApprove' | 'AuthReject', pasted: string) => {
    // Asked for first, so that an older server is named as the reason and not the form of the id.
    const authId = era.operations.has(operation)
      ? normalizeRegistrationKey(pasted, era.capabilities.registrationKeys)
      : ''
    await call(operation, {authId})
  }
  return {
    approve: (pasted) => decide('AuthApprove', pasted),
    reject: (pasted) => decide('AuthReject', pasted),
  }
}
