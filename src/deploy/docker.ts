/** A container as a `docker run` command. */
import type {Container} from './container.ts'
import {shellCommand} from './shell.ts'
import type {CommandPart} from './shell.ts'

/** The command, over several lines. The container starts again after a failure and at boot. */
export function dockerRun(container: Container): string[] {
  const {name, image, hostNetwork, ports, volumes, environment, user, entrypoint, command} = container
  const parts: CommandPart[] = ['-d', ['--restart', 'always'], ['--name', name]]
  if (hostNetwork) parts.push(['--network', 'host'])
  if (user !== null) parts.push(['--user', user])
  for (const port of ports) parts.push(['-p', port])
  for (const volume of volumes) parts.push(['-v', volume])
  for (const [key, value] of environment) parts.push(['-e', `${key}=${value}`])
  if (entrypoint !== null) parts.push(['--entrypoint', entrypoint])
  return shellCommand('docker run', [...parts, image, ...command])
}
