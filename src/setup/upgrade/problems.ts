/** What a person must do before a hop, beside the errors of setup check and policy check: what no file can decide. */
import {variableOf} from '../config/environment.ts'
import {replacedKeys} from '../keys/replaced.ts'
import type {Place} from '../../syntax/tree.ts'
import type {Environment} from '../config/environment.ts'
import type {Settings} from '../config/settings.ts'
import type {StepRules} from './config-steps.ts'
import type {Hop} from './releases.ts'
import type {UpgradeNode, UpgradeServer} from './server.ts'

/** What must be done before the hop, by a person. */
export interface Problem {
  /** A stable identifier in kebab case. */
  code: string
  /** Null where it is not about a place in a file. */
  place: Place | null
  message: string
  reason: string
  fix: string
}

/** The policy before the first hop. */
export interface PolicySource {
  /** As in messages. */
  name: string
  text: string
  /** Where headscale reads it; null for the database. */
  path: string | null
}

/** Up to 0.22, by the name of the file. */
export function isYaml({name}: PolicySource): boolean {
  return /\.ya?ml$/i.test(name)
}

/** Whether a list of prefixes cannot become one of each family. */
export function hasTwoOfAFamily(settings: Settings): boolean {
  const families = settings.list('ip_prefixes').map(({text}) => text.includes(':'))
  return new Set(families).size < families.length
}

/** Variables with the names of keys that the release no longer reads, and the environment without them. */
export function renamedVariables(
  old: Environment,
  {before, after}: {before: StepRules; after: StepRules},
  {release}: Hop,
): {problems: Problem[]; environment: Environment} {
  const known = replacedKeys(before.config)
  const problems: Problem[] = []
  const environment = new Map(old)
  for (const {name, by} of replacedKeys(after.config).values()) {
    const variable = environment.get(variableOf(name))
    if (variable === undefined || known.get(name)?.by === by) continue
    const to = by === 'prefixes' ? (variable.text.includes(':') ? 'prefixes.v6' : 'prefixes.v4') : by
    problems.push({
      code: 'renamed-variable',
      place: variable.place,
      message: `headscale ${release} does not read ${variable.name}`,
      reason: to === null ? 'the setting has ended' : 'it uses the default instead',
      fix: to === null ? 'Delete it from the environment of the server' : `Write ${variableOf(to)} in its place`,
    })
    environment.delete(variable.name)
    if (to !== null) environment.set(variableOf(to), {...variable, name: variableOf(to)})
  }
  return {problems, environment}
}

export interface DecisionFacts {
  before: StepRules
  after: StepRules
  /** Of the config file before the hop. */
  settings: Settings
  policy: PolicySource | null
  unreadPolicy: string | null
  server: UpgradeServer | null
  isFirst: boolean
  /** The place of a key in the first config file. */
  placeOf: (key: string) => Place
}

export function decisions({release}: Hop, facts: DecisionFacts): Problem[] {
  const {before, after, settings, policy, unreadPolicy, server, isFirst, placeOf} = facts
  const problems: Problem[] = []
  const add = (code: string, key: string | null, [message, reason, fix]: [string, string, string]) =>
    problems.push({code, place: key === null ? null : placeOf(key), message, reason, fix})
  if (policy !== null && !before.config.policyMode && after.config.policyMode && isYaml(policy)) {
    add('policy-yaml', 'acl_policy_path', [
      `The policy ${policy.name} is YAML`,
      `headscale ${release} reads HuJSON alone`,
      'Write the same policy as JSON',
    ])
  }
  if (unreadPolicy !== null && after.upgrade.checksPolicy && (isFirst || !before.upgrade.checksPolicy)) {
    add('unread-policy', null, [
      `The policy was not read: ${unreadPolicy}`,
      'headscale does not start if a release rejects it',
      'Make the plan again with --policy FILE',
    ])
  }
  if (before.config.flatKeys && !after.config.flatKeys && hasTwoOfAFamily(settings)) {
    add('prefix-families', 'ip_prefixes', [
      'ip_prefixes has several prefixes of one family',
      `headscale ${release} has one IPv4 and one IPv6 prefix`,
      'Keep the one that new nodes get addresses of; old nodes keep theirs',
    ])
  }
  const mapped = before.upgrade.mapsLegacyUsers !== null && after.upgrade.mapsLegacyUsers === null
  if (mapped && settings.text('oidc.issuer') !== '') {
    // The users of today are those of the hop only if it is the first.
    const users = isFirst ? (server?.users ?? null) : null
    const old = users?.filter(({providerId}) => !providerId) ?? null
    if (old === null || old.length > 0) {
      const who = old === null ? 'Users' : `${old.length} of ${users!.length} users`
      add('sign-on-accounts', 'oidc.issuer', [
        `${who} who have not logged in through single sign-on since 0.24 get a new account`,
        `headscale ${release} no longer finds them by name`,
        `Stay on ${before.config.release} until each of them has logged in once`,
      ])
    }
  }
  if (settings.bool('randomize_client_port', false) && after.config.nodeBlock && !before.config.nodeBlock) {
    add('client-port', 'randomize_client_port', [
      'randomize_client_port is true',
      `headscale ${release} reads it from the policy`,
      'After this step add "randomizeClientPort": true at the top level of the policy',
    ])
  }
  return problems
}

/** Nodes whose client can connect before the hop, and not after it. @param before what was needed before it, in the plan */
export function oldClients(
  {release, minimumClient}: Hop,
  before: string | null,
  nodes: readonly UpgradeNode[],
): Problem[] {
  if (minimumClient === null) return []
  const old = nodes.filter(
    ({client}) => client !== null && isOlder(client, minimumClient) && (before === null || !isOlder(client, before)),
  )
  if (old.length === 0) return []
  const shown = old.slice(0, 10).map(({name, client}) => `${name} (${/^[\d.]+/.exec(client!)?.[0] ?? client})`)
  const more = old.length > shown.length ? ` and ${old.length - shown.length} more` : ''
  return [
    {
      code: 'old-client',
      place: null,
      message: `Clients older than ${minimumClient}: ${shown.join(', ')}${more}`,
      reason: `They cannot connect to headscale ${release}`,
      fix: 'Update Tailscale on them, or delete the nodes that are gone',
    },
  ]
}

function isOlder(client: string, minimum: string): boolean {
  const [major = 0, minor = 0] = client.split(/[.-]/).map(Number)
  const [leastMajor = 0, leastMinor = 0] = minimum.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}
