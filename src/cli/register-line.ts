/** The line that registers a waiting client, ready to paste into a shell. */
import type {PendingNode} from '../api/control-api.ts'

export function registerLine({user, registrationKey}: PendingNode): string {
  return `headscale-ts -n ${shellWord(user.name)} nodes register --key ${shellWord(registrationKey)}`
}

/** A word a POSIX shell reads back as it is. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
