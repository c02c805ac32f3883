/** `completion SHELL`: the script for a shell, generated from the manifest. Names of the server come from live/index.ts, which the scripts call. */
import {fishCompletion} from './fish.ts'
import {completionModel} from './model.ts'
import {bashCompletion, zshCompletion} from './posix.ts'
import {powershellCompletion} from './powershell.ts'

const SCRIPTS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
}

export const SHELLS = Object.keys(SCRIPTS)

/** @returns null for a shell that is not supported */
export function completionScript(shell: string): string | null {
  if (!(shell in SCRIPTS)) return null
  return SCRIPTS[shell as keyof typeof SCRIPTS](completionModel(SHELLS))
}
