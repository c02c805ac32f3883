/**
 * Every other word a command answers to: headscale's own aliases of all releases, and the names things had before.
 *
 * oclif's aliases are not used, so that each command has one entry in the manifest; help prints these as "Also: …".
 * A topic's words hold for every command in it. Sources: cmd/headscale/cli of v0.15.0 to v0.29.2.
 */

/** Old and short names of topics. */
export const TOPIC_WORDS: Readonly<Record<string, readonly string[]>> = {
  users: ['user', 'namespaces', 'namespace', 'ns'],
  nodes: ['node', 'machines', 'machine'],
  routes: ['route', 'r'],
  preauthkeys: ['preauthkey', 'authkey', 'pre'],
  apikeys: ['apikey', 'api'],
  'oauth-clients': ['oauth-client', 'oauthclients', 'oauthclient', 'oauth'],
}

/** Old and short names of commands, by command id. */
export const COMMAND_WORDS: Readonly<Record<string, readonly string[]>> = {
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
}

/** Words that call a command of another topic, by the words as typed. */
export const OTHER_PATHS: Readonly<Record<string, string>> = {
  // `routes` also hung under `nodes`, with its own commands up to 0.17 and as another word for list-routes from 0.26 on.
  'nodes routes': 'routes',
}

/** What each topic is about, for help. */
export const TOPICS: Readonly<Record<string, string>> = {
  users: 'Manage users (namespaces up to headscale 0.18)',
  nodes: 'Manage nodes (machines up to headscale 0.22)',
  routes: 'Manage subnet routes and exit nodes',
  preauthkeys: 'Manage pre-auth keys, which let nodes join unattended',
  apikeys: 'Manage API keys for remote access',
  'oauth-clients': 'Manage OAuth clients of the v2 API (headscale 0.30)',
  auth: 'Approve or reject pending requests',
  policy: 'Manage the access policy',
  debug: 'Create test data',
  derp: 'Set up, check and compare DERP relays and maps',
  sandbox: 'Run a simulated headscale server',
}

/** Flags without a value that may stand before the command. They never swallow the word after them. */
export const VALUELESS_FLAGS: ReadonlySet<string> = new Set([
  '--force',
  '-y',
  '--help',
  '-h',
  '--insecure',
  '--dry-run',
  '--version',
])

/** The other ways to type a command: `namespaces create`, `users new`, … */
export function otherWords(id: string): string[] {
  const [topic = '', verb] = id.split(':')
  if (verb === undefined) return []
  const topics = [topic, ...(TOPIC_WORDS[topic] ?? [])]
  const verbs = [verb, ...(COMMAND_WORDS[id] ?? [])]
  return [...topics.slice(1).map((word) => `${word} ${verb}`), ...verbs.slice(1).map((word) => `${topic} ${word}`)]
}
