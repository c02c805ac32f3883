/**
 * The simulator of the 0.30 development tree: HTTP only, on the socket as well. It behaves like 0.29, with requests,
 * errors and absent times of its own. Sources: hscontrol/api/v1 of the tree and the
 * recorded exchanges in test/sandbox/fixtures.
 */
import type {OperationId} from '../../../api/operations.ts'
import {ServerError} from '../../server-error.ts'
import {randomHex, ZERO_TIME} from '../../tailnet.ts'
import {
  id,
  time,
  type ReleaseSimulator,
  type Handler,
  type Handlers,
  type Message,
} from '../shared/release-simulator.ts'
import {createSimulator as createSimulatorUpTo0_29} from '../v0_27-v0_29/simulator.ts'
import {newApiKey} from '../v0_27-v0_29/keys.ts'
import {v2Handlers} from './keys.ts'
import {Problem, problemOf} from './problem.ts'

export function createSimulator(): ReleaseSimulator {
  const simulator = createSimulatorUpTo0_29('0.30')
  const handlers: Handlers = {...simulator.handlers}
  for (const [name, handler] of Object.entries(handlers)) {
    handlers[name as OperationId] = asProblems(name as OperationId, handler)
  }
  return {
    ...simulator,
    wire: 'http',
    newApiKey: () => newApiKey(randomHex),
    handlers: {
      ...handlers,
      ExpirePreAuthKeyById: knownKey('ExpirePreAuthKeyById', handlers),
      DeletePreAuthKey: knownKey('DeletePreAuthKey', handlers),
      CreatePreAuthKey: zeroStamped(handlers, 'CreatePreAuthKey'),
      ListAllPreAuthKeys: zeroStamped(handlers, 'ListAllPreAuthKeys'),
      GetPolicy: zeroStamped(handlers, 'GetPolicy'),
      ...v2Handlers(),
    },
  }
}

function asProblems(operation: OperationId, handler: Handler): Handler {
  return (tailnet, request) => {
    try {
      return handler(tailnet, request)
    } catch (error) {
      throw error instanceof ServerError ? problemOf(operation, error) : error
    }
  }
}

/** An unknown pre-auth key, which 0.29 ignores, is an error. */
function knownKey(operation: 'ExpirePreAuthKeyById' | 'DeletePreAuthKey', handlers: Handlers): Handler {
  const tried = operation === 'DeletePreAuthKey' ? 'deleting pre-auth key' : 'expiring pre-auth key'
  return (tailnet, request) => {
    if (!tailnet.preAuthKey(id(request, 'id'))) {
      throw new Problem(404, tried, {message: 'auth-key not found: record not found'})
    }
    return handlers[operation]!(tailnet, request)
  }
}

/** Absent times are the zero time in these replies, null everywhere else. */
function zeroStamped(handlers: Handlers, operation: OperationId): Handler {
  const TIMES = ['expiration', 'createdAt', 'updatedAt']
  const stamp = (message: Message): Message =>
    Object.fromEntries(
      Object.entries(message).map(([field, value]) => [
        field,
        TIMES.includes(field) && value === null ? time(ZERO_TIME) : value,
      ]),
    )
  return (tailnet, request) => {
    const {preAuthKey, preAuthKeys, ...rest} = handlers[operation]!(tailnet, request)
    if (preAuthKey) return {preAuthKey: stamp(preAuthKey as Message)}
    return preAuthKeys ? {preAuthKeys: (preAuthKeys as Message[]).map(stamp)} : stamp(rest)
  }
}
