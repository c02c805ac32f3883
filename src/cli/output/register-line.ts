/** Commands that are ready to paste into a shell: the one that registers a pending node, and that of a client. */
import type {PendingNode} from '../../api/control-api.ts'
import {shellWord} from '../../deploy/shell.ts'

export function registerLine({user, registrationKey}: PendingNode): string {
  return `headscale-ts -n ${shellWord(user.name)} nodes register --key ${shellWord(registrationKey)}`
}

/** What a client runs to join. @param authKey the key, or `file:PATH` for a file that contains it */
export function joinLine({serverUrl, authKey}: {serverUrl: string; authKey: string}): string {
  return `tailscale up --login-server ${shellWord(serverUrl)} --auth-key ${shellWord(authKey)}`
}
