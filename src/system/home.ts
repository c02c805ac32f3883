/** The user's home folder. */
import {homedir} from 'node:os'

/** @returns $HOME, otherwise the home from the system's user database; null for a user that is not in it */
export function homeFolder(env: Record<string, string | undefined>): string | null {
  if (env.HOME) return env.HOME
  try {
    return homedir() || null
  } catch {
    return null
  }
}
