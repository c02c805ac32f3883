/** Helpers for the tests of derp commands: folders with files, transcripts of the program, small web servers. */
import {createServer} from 'node:http'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

import {runHere, scratchFolder} from '../support/program.ts'
import type {RequestListener} from 'node:http'
import type {AddressInfo} from 'node:net'

/** A new folder with these files. */
export async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = scratchFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), {recursive: true})
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** Runs `headscale-ts derp WORDS` in a folder. */
export function derp(cwd: string, ...words: string[]) {
  return runHere(['derp', ...words], {cwd, env: {}})
}

/** A whole run as text: the command line, stdout, stderr, the status. */
export async function transcript(cwd: string, ...words: string[]): Promise<string> {
  const {stdout, stderr, status} = await derp(cwd, ...words)
  const parts = [
    `$ headscale-ts derp ${words.map((word) => (/[\s']/.test(word) ? JSON.stringify(word) : word)).join(' ')}\n`,
    stdout,
  ]
  if (stderr !== '') parts.push(`--- stderr\n${stderr}`)
  parts.push(`--- exit ${status}\n`)
  return parts.join('').replaceAll(cwd, '/FOLDER')
}

/** A web server on loopback; ends with `close`. */
export async function serve(handler: RequestListener): Promise<{url: string; close: () => void}> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close}
}
