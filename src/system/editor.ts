/** Starts the editor of the user. */
import {spawn} from 'node:child_process'

/** The command line of the editor; null if none is named. */
export function editorOf(env: Record<string, string | undefined>): string | null {
  return env.VISUAL?.trim() || env.EDITOR?.trim() || null
}

/**
 * Edits a file on this terminal and waits for the end of the editor.
 * @param editor a command line for the shell, such as `code --wait`
 * @returns its exit status; 128 if a signal ended it
 * @throws an error of the system if there is no shell
 */
export function runEditor(editor: string, path: string, env: Record<string, string | undefined>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child =
      process.platform === 'win32'
        ? spawn(`${editor} "${path}"`, {stdio: 'inherit', shell: true, env})
        : // Ctrl-C is for the editor, and must not end the shell in front of it.
          spawn('/bin/sh', ['-c', `trap : INT; ${editor} "$@"`, editor, path], {stdio: 'inherit', env})
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 128))
  })
}
