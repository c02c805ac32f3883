/** The user's home folder. */
import {homedir} from 'node:os'

/** @returns $HOME, else what the system's user database says; null for a user that it does not have */
export function homeFolder(env: Record<string, string | undefined>): string | null {
  if (env.HOME) return env.HOME
  try {
    return homedir() || null
  } catch {
    return null
  }
}
