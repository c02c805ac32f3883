/**
 * Writes the manifest into the bundle with every flag once: the commands share most of theirs, which as bytecode in the
 * executable costs several times the size of the text.
 */
import {readFileSync} from 'node:fs'
import type {Plugin} from 'rolldown'

interface Manifest {
  commands: Record<string, {flags: Record<string, unknown>}>
  version: string
}

export const sharedFlags: Plugin = {
  name: 'shared-flags',
  load: {
    filter: {id: /\/oclif\.manifest\.json$/},
    handler: (id) => ({code: manifestModule(JSON.parse(readFileSync(id, 'utf8')) as Manifest), moduleType: 'js'}),
  },
}

function manifestModule({commands, version}: Manifest): string {
  const names = new Map<string, string>()
  const nameOf = (flag: unknown) => {
    const text = JSON.stringify(flag)
    const name = names.get(text) ?? `flag${names.size}`
    names.set(text, name)
    return name
  }
  const entries = Object.entries(commands).map(([id, {flags, ...rest}]) => {
    const own = Object.entries(flags).map(([name, flag]) => `${JSON.stringify(name)}: ${nameOf(flag)}`)
    return `${JSON.stringify(id)}: {...${JSON.stringify(rest)}, flags: {${own.join(', ')}}}`
  })
  return [
    ...[...names].map(([text, name]) => `const ${name} = ${text}`),
    `export default {commands: {${entries.join(', ')}}, version: ${JSON.stringify(version)}}`,
  ].join('\n')
}
