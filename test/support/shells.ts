/** The shells that completion is tested in. One that is not installed is left out, and the end of the test run says so. */
import {spawnSync} from 'node:child_process'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export const isShellInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0
