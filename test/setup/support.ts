/** Helpers for the tests of setup commands: a folder with the files of a case, and a run as text. */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

import {runHere, scratchFolder} from '../support/program.ts'
import type {CheckCase} from './cases.ts'

/** A new folder with config.yaml and the files of a case. */
export function folderOf({config, files}: Pick<CheckCase, 'config' | 'files'>): string {
  const folder = join(scratchFolder(), 'headscale')
  mkdirSync(folder)
  const write = (name: string, text: string, mode: number) => {
    writeFileSync(join(folder, name), text.replaceAll('FOLDER', folder))
    chmodSync(join(folder, name), mode)
  }
  for (const [name, {text, mode}] of Object.entries(files)) write(name, text, mode ?? 0o644)
  write('config.yaml', config, files['config.yaml']?.mode ?? 0o640)
  return folder
}

/** Runs `headscale-ts setup WORDS` in a folder; its path is FOLDER in the output. */
export async function setup(folder: string, words: readonly string[], options: Parameters<typeof runHere>[1] = {}) {
  const argv = ['setup', ...words.map((word) => word.replaceAll('FOLDER', folder))]
  const outcome = await runHere(argv, {cwd: folder, env: {}, ...options})
  const masked = (text: string) => text.replaceAll(folder, 'FOLDER')
  return {...outcome, stdout: masked(outcome.stdout), stderr: masked(outcome.stderr)}
}

/** A whole run as text: the command line, stdout, stderr, the status. */
export async function transcript(
  folder: string,
  words: readonly string[],
  options: Parameters<typeof runHere>[1] = {},
) {
  const {stdout, stderr, status} = await setup(folder, words, options)
  const error = stderr === '' ? '' : `--- stderr\n${stderr}`
  return `$ headscale-ts setup ${words.join(' ')}\n${stdout}${error}--- exit ${status}\n`
}
