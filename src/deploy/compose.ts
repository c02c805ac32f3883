/** Containers as a compose file. */
import {namedVolumes} from './container.ts'
import type {Container} from './container.ts'
import {partWords} from './shell.ts'
import {yamlText} from './yaml.ts'

/** The lines of the file. A service starts again after a failure and at boot. */
export function composeFile(containers: readonly Container[]): string[] {
  const volumes = [...new Set(containers.flatMap(namedVolumes))]
  return [
    'services:',
    ...containers.flatMap(service),
    ...(volumes.length === 0 ? [] : ['volumes:', ...volumes.map((volume) => `  ${volume}: {}`)]),
  ]
}

function service(container: Container): string[] {
  const {name, image, hostNetwork, ports, volumes, environment, user, entrypoint, command} = container
  return [
    `  ${name.replaceAll('.', '-')}:`,
    `    image: ${yamlText(image.replaceAll('$', '$$$$'))}`,
    '    restart: always',
    ...(hostNetwork ? ['    network_mode: host'] : []),
    ...(user === null ? [] : [`    user: ${quoted(user)}`]),
    ...list('ports', ports),
    ...list('volumes', volumes),
    ...(environment.length === 0
      ? []
      : ['    environment:', ...environment.map(([key, value]) => `      ${key}: ${quoted(value)}`)]),
    ...list('entrypoint', entrypoint === null ? [] : [entrypoint]),
    ...list('command', command.flatMap(partWords)),
  ]
}

function list(key: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`    ${key}:`, ...items.map((item) => `      - ${quoted(item)}`)]
}

/** Ports and numbers must be strings; compose replaces variables, so a dollar sign is doubled. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('$', '$$$$'))
}
