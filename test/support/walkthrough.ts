/** Sections 1 and 2 of the guide on any server, as a transcript. */
import type {Outcome} from './program.ts'
import {transcript} from './transcript.ts'

/** Creates a namespace, registers two nodes in it and lists both. @returns the lines and their output */
export async function joinTwoNodes(run: (argv: readonly string[]) => Promise<Outcome>): Promise<string> {
  const log = transcript(run)
  await log.line('namespaces', 'create', 'default')
  await log.line('namespaces', 'list')
  for (const name of ['coredns', 'carsondemacbook-pro']) {
    const made = await run(['debug', 'create-node', '--name', name, '--user', 'default', '-o', 'json'])
    if (made.stderr !== '') throw new Error(made.stderr)
    const {registrationKey} = JSON.parse(made.stdout) as {registrationKey: string}
    log.mask(registrationKey, 'KEY')
    await log.line('-n', 'default', 'nodes', 'register', '--key', registrationKey)
  }
  await log.line('nodes', 'list')
  return log.text()
}
