import {describeUser} from '../../domain/user.ts'
import type {SelectedKeys} from '../../usecases/keys/select-keys.ts'
import type {Io} from '../io/io.ts'

/** Says which keys a list or a selection lacks. */
export function warnOfKeys(io: Io, {unlisted, useUnknown}: Omit<SelectedKeys, 'found'>): void {
  if (unlisted.length > 0) {
    io.warn(`the server cannot list the keys of users who share a name: ${unlisted.map(describeUser).join('; ')}`)
  }
  if (useUnknown > 0) {
    io.warn(`reusable keys left out: ${useUnknown} (the server does not record whether a reusable key was used)`)
  }
}
