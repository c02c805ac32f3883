/** Creates a command without oclif's discovery of plugins, files and hooks. */
import type {CommandClass} from '../commands/base-command.ts'

/** The part of oclif's configuration that Command uses. */
const CONFIG = {bin: 'headscale-ts', runHook: async () => ({successes: [], failures: []})}

export function createCommand(Command: CommandClass, id: string, argv: string[]) {
  Command.id = id
  return new Command(argv, CONFIG as never)
}
