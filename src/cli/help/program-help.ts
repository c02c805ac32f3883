/** The help pages of the program and of a group of commands. */
import {COMMAND_TABLE} from '../command-table.ts'
import {TOPIC_ALIASES, TOPICS} from '../args/aliases.ts'
import {commandEntry} from '../oclif/manifest.ts'
import {columns, section} from './layout.ts'
import {HELP_TOPICS, topicsLine} from './topics.ts'

const IDS = Object.keys(COMMAND_TABLE)

/** The groups of the main help page, with their topics and commands. A test checks that none is missing. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'TAILNET COMMANDS': ['users', 'nodes', 'routes', 'preauthkeys', 'auth', 'policy', 'dns'],
  'SERVER COMMANDS': ['apikeys', 'oauth-clients', 'health', 'doctor', 'metrics', 'export', 'debug'],
  'TOOLS (no server needed)': ['derp', 'setup', 'upgrade', 'sandbox', 'completion', 'version', 'licenses'],
}

export const EXAMPLES = [
  'headscale-ts users create alice',
  'headscale-ts nodes register --user alice --key KEY',
  'headscale-ts nodes list -o json',
  'headscale-ts routes enable -i router -r 192.168.100.0/24',
]

export function programHelp(): string {
  return [
    'Admin command line for headscale\n',
    section('USAGE', ['headscale-ts <command> [flags]']),
    ...Object.entries(GROUPS).map(([heading, names]) =>
      section(heading, columns(names.filter(isFirstWord).map((name) => [name, describe(name)]))),
    ),
    section(
      'EXAMPLES',
      EXAMPLES.map((line) => `$ ${line}`),
    ),
    section(
      'FLAGS',
      columns([
        ['-h, --help', 'show help for a command'],
        ['    --version', 'show the version of headscale-ts'],
      ]),
    ),
    section('HELP TOPICS', columns(Object.entries(HELP_TOPICS).map(([name, {summary}]) => [name, summary]))),
    section('GET STARTED', [
      'On the server, which is found without flags:',
      '  $ headscale-ts nodes list',
      'From another machine, with a file that contains an API key:',
      '  $ headscale-ts nodes list --address https://HOST --api-key-file FILE',
      'Without a server, in a simulation with the data of the guide:',
      '  $ headscale-ts sandbox run --seed guide -- bash',
    ]),
    section('LEARN MORE', ['headscale-ts help <command>', 'headscale-ts help <topic>']),
  ].join('')
}

/** @param topic the current name of the topic, not an alias */
export function topicHelp(topic: string): string {
  const commands = IDS.filter((id) => id.startsWith(`${topic}:`))
  return [
    `${TOPICS[topic] ?? ''}\n`,
    section('USAGE', [`headscale-ts ${topic} <command> [flags]`]),
    section('COMMANDS', columns(commands.map((id) => [id.slice(topic.length + 1), commandEntry(id).summary]))),
    section('ALIASES', [(TOPIC_ALIASES[topic] ?? []).join(', ')].filter(Boolean)),
    section('LEARN MORE', [`headscale-ts ${topic} <command> --help`, topicsLine()]),
  ].join('')
}

const isFirstWord = (name: string) => IDS.some((id) => id === name || id.startsWith(`${name}:`))

const describe = (name: string) => TOPICS[name] ?? commandEntry(name).summary
