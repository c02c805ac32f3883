/** Help by oclif's own writer, fed from the embedded manifest: no command is loaded and nothing is looked up on disk. */
import {Config} from '@oclif/core/config'
import {CommandHelp, Help} from '@oclif/core/help'
import manifest from '../../../oclif.manifest.json' with {type: 'json'}
import {VERSION} from '../version.ts'
import {otherWords, TOPICS} from '../args/aliases.ts'

/** Command help with our section of other words. */
class HelpOfCommand extends CommandHelp {
  protected override sections() {
    const also = otherWords(this.command.id.replaceAll(' ', ':'))
    const section = {header: 'ALSO', generate: () => (also.length > 0 ? also.join(', ') : undefined)}
    return [...super.sections(), section]
  }
}

class HelpText extends Help {
  readonly lines: string[] = []
  protected override CommandHelpClass = HelpOfCommand

  override log(...args: string[]) {
    this.lines.push(args.join(' '))
  }
}

/** Help of a command or topic by id, or of the whole program (null). Ends with one newline. */
export async function helpText(subject: string | null): Promise<string> {
  const config = await helpConfig()
  const help = new HelpText(config as never, {stripAnsi: true, hideAliasesFromRoot: true})
  await help.showHelp(subject === null ? [] : [subject])
  return `${help.lines.join('\n').trimEnd()}\n`
}

/** oclif's Config around one plugin that is handed over whole. */
async function helpConfig(): Promise<Config> {
  const pjson = {
    name: 'headscale-ts',
    version: VERSION,
    description: 'Admin command line for headscale',
    oclif: {bin: 'headscale-ts', topicSeparator: ' ', topics: {}},
  }
  const topics = Object.entries(TOPICS).map(([name, description]) => ({name, description}))
  const commands = Object.values(structuredClone(manifest.commands)).map((command) => ({...command, load: unused}))
  const plugin = {
    name: pjson.name,
    version: VERSION,
    type: 'core',
    root: '/',
    pjson,
    topics,
    commands,
    commandIDs: commands.map(({id}) => id),
    hooks: {},
    isRoot: true,
    options: {root: '/', isRoot: true},
    hasManifest: true,
    load: async () => {},
    findCommand: unused,
  }
  const config = new Config({root: '/', pjson, plugins: new Map([[pjson.name, plugin]])} as never)
  process.env.HEADSCALE_TS_DISABLE_THEME = '1'
  await config.load()
  return config
}

function unused(): never {
  throw new Error('help loads no command')
}
