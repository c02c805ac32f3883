/** The command that registers a pending node, ready to paste into a shell. */
import type {PendingNode} from '../../api/control-api.ts'
import {shellWord} from '../../deploy/shell.ts'

export function registerLine({user, registrationKey}: PendingNode): string {
  return `headscale-ts -n ${shellWord(user.name)} nodes register --key ${shellWord(registrationKey)}`
}
