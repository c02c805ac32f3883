/**
 * All aliases of commands: headscale's own aliases of all releases, old names, and common verbs of other command lines.
 *
 * oclif's aliases are not used, so that each command has one entry in the manifest; help lists aliases under ALIASES.
 * The aliases of a topic apply to every command in it. Sources: cmd/headscale/cli of v0.15.0 to v0.29.3.
 */

/** Old and short names of topics. */
export const TOPIC_ALIASES: Readonly<Record<string, readonly string[]>> = {
  users: ['user', 'namespaces', 'namespace', 'ns'],
  nodes: ['node', 'machines', 'machine'],
  routes: ['route', 'r'],
  preauthkeys: ['preauthkey', 'authkey', 'pre'],
  apikeys: ['apikey', 'api'],
  'oauth-clients': ['oauth-client', 'oauthclients', 'oauthclient', 'oauth'],
}

/** Old and short names of commands in headscale, by command id. */
const HEADSCALE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  'users:create': ['c', 'new'],
  'users:list': ['ls', 'show'],
  'users:rename': ['mv'],
  'users:destroy': ['delete'],
  'nodes:list': ['ls'],
  'nodes:expire': ['logout', 'exp', 'e'],
  'nodes:delete': ['del'],
  'nodes:tag': ['tags', 't'],
  'nodes:list-routes': ['lsr'],
  'nodes:move': ['mv'],
  'routes:list': ['ls', 'show'],
  'preauthkeys:list': ['ls', 'show'],
  'preauthkeys:create': ['c', 'new'],
  'preauthkeys:expire': ['revoke', 'exp', 'e'],
  'preauthkeys:delete': ['del', 'rm', 'd'],
  'apikeys:delete': ['remove', 'del'],
  'oauth-clients:list': ['ls', 'show'],
  'oauth-clients:create': ['c', 'new'],
  'oauth-clients:delete': ['remove', 'del'],
  'policy:get': ['show', 'view', 'fetch'],
  'policy:set': ['put', 'update'],
  'apikeys:list': ['ls', 'show'],
  'apikeys:create': ['c', 'new'],
  'apikeys:expire': ['revoke', 'exp', 'e'],
  'derp:validate': ['lint'],
}

/** Verbs with the same meaning in every topic. None of them may be treated as a misspelling of another command. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['delete', 'destroy', 'remove', 'rm', 'del'],
  ['create', 'add', 'new'],
  ['show', 'get', 'describe'],
]

/** Commands that moved to another topic, by their old topic and name. */
export const MOVED_COMMANDS: Readonly<Record<string, string>> = {
  // `routes` was also a topic below `nodes`, with its own commands up to 0.17 and as an alias of list-routes from 0.26 on.
  'nodes routes': 'routes',
}

/** The command that a topic below another topic runs without a further word. */
export const DEFAULT_COMMANDS: Readonly<Record<string, string>> = {
  'nodes routes': 'nodes:list-routes',
}

/** The summary of each topic, for help. */
export const TOPICS: Readonly<Record<string, string>> = {
  users: 'Manage users (namespaces up to headscale 0.18)',
  nodes: 'Manage nodes (machines up to headscale 0.22)',
  routes: 'Manage subnet routes and exit nodes',
  preauthkeys: 'Manage pre-auth keys, which let nodes join unattended',
  apikeys: 'Manage API keys for remote access',
  'oauth-clients': 'Manage OAuth clients of the v2 API (headscale 0.30)',
  auth: 'Approve or reject pending requests',
  policy: 'Manage the access policy',
  dns: 'Render DNS records for nodes',
  debug: 'Create test data',
  derp: 'Set up, check and compare DERP relays and maps',
  setup: 'Set up a headscale server, and check its configuration',
  upgrade: 'Plan an upgrade of headscale',
  sandbox: 'Run a simulated headscale server',
}

/** Selectors without a value; each has an opposite, `--not-online`. */
const SELECTORS = [
  'online',
  'offline',
  'expired',
  'ephemeral',
  'pending-routes',
  'pending',
  'enabled',
  'serving',
  'conflicts',
  'used',
]

/** Flags without a value that can come before the command. They never take the next word. */
export const VALUELESS_FLAGS: ReadonlySet<string> = new Set([
  '--force',
  '-y',
  '--help',
  '-h',
  '--insecure',
  '--no-insecure',
  '--dry-run',
  '--debug',
  '--version',
  '--no-header',
  '--utc',
  '--local',
  '--relative',
  ...SELECTORS.flatMap((name) => [`--${name}`, `--not-${name}`]),
])

/** The aliases of a command in its topic: `new`, `c`, `add`. A command with such a name takes precedence. */
export function verbAliases(id: string): string[] {
  const [, verb = ''] = id.split(':')
  const own = [verb, ...(HEADSCALE_ALIASES[id] ?? [])]
  const all = own.flatMap((word) => [word, ...(SYNONYMS.find((words) => words.includes(word)) ?? [])])
  return [...new Set(all)].filter((word) => word !== verb)
}

/** The aliases of a command, with the topic: `namespaces create`, `users new`, … */
export function commandAliases(id: string): string[] {
  const [topic = '', verb] = id.split(':')
  if (verb === undefined) return []
  return [
    ...(TOPIC_ALIASES[topic] ?? []).map((word) => `${word} ${verb}`),
    ...verbAliases(id).map((word) => `${topic} ${word}`),
  ]
}
