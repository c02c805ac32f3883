/**
 * The plan of an upgrade: each release to install, with what changes, what must be done first, and the lines to type.
 *
 * Texts and values in, a value out: files are read by plan-command.ts and the server by a use case. Each hop starts from the
 * config file and the policy that the hop before it leaves. Places of problems are in the files as they are now.
 */
import {join} from 'node:path'
import {checkPolicy} from '../../policy/check/check-policy.ts'
import {policyRelease} from '../../policy/releases.ts'
import {parseYamlTree} from '../../syntax/yaml.ts'
import {checkConfig} from '../check/check.ts'
import {variableOf} from '../config/environment.ts'
import {Settings} from '../config/settings.ts'
import {replacedKeys} from '../keys/replaced.ts'
import {configRules} from '../releases.ts'
import {changesOf} from './changes.ts'
import {configStep} from './config-steps.ts'
import {unchangedPolicy, withAtSigns} from './policy-users.ts'
import {hopsBetween, upgradeRules} from './releases.ts'
import {
  absolute,
  backupLines,
  checkLines,
  clientsLine,
  databaseOf,
  downloadLines,
  installLines,
  replaceLines,
  restoreLines,
  startLines,
  startWithPolicyLines,
} from './commands.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Place as TextPlace} from '../../syntax/tree.ts'
import type {CheckOptions} from '../check/check.ts'
import type {Environment} from '../config/environment.ts'
import type {Place} from './commands.ts'
import type {KeyChange, StepRules} from './config-steps.ts'
import type {EditedPolicy, UserEdit} from './policy-users.ts'
import type {Hop, Release} from './releases.ts'
import type {UpgradeServer} from './server.ts'

/** What must be done before the hop, by a person. */
export interface Problem {
  /** A stable identifier in kebab case. */
  code: string
  /** Null where it is not about a place in a file. */
  place: TextPlace | null
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

export interface Step {
  hop: Hop
  keys: KeyChange[]
  users: UserEdit[]
  problems: Problem[]
  changes: string[]
  commands: string[]
  /** The config file after it. */
  config: string
  /** The policy after it; null unless it changes. */
  policy: string | null
}

export interface UpgradePlan {
  from: Release
  to: Release
  /** The file of the plan, as in messages. */
  file: string
  /** The line that lists the versions of clients; null where they are known, or the line is not. */
  clients: string | null
  /** The oldest client for the last hop; null if every client can connect. */
  minimumClient: string | null
  steps: Step[]
  restore: string[]
}

export interface PlanInput {
  from: Release
  to: Release
  config: {name: string; text: string}
  environment: Environment
  /** For setup check. */
  check: Pick<CheckOptions, 'files' | 'installed' | 'path' | 'cwd'>
  place: Place
  /** Null if there is none, and if it is not known. */
  policy: PolicySource | null
  /** Where a policy is that could not be read, as in messages; null if there is none. */
  unreadPolicy: string | null
  server: UpgradeServer | null
  /** The folder of the files that are written, as in lines to type; null if none are. */
  folder: string | null
  /** False if there is certainly no such file. */
  exists: (path: string) => boolean
}

/** @throws HeadscaleError `usage` for a way back, `invalid-input` for a config file that cannot be read */
export async function planUpgrade(input: PlanInput): Promise<UpgradePlan> {
  const {from, to, config, place} = input
  const hops = hopsBetween(from, to)
  const planner = new Planner(input)
  await planner.begin()
  const steps: Step[] = []
  for (const hop of hops) steps.push(await planner.step(hop))
  const rules = rulesOf(from.text)
  const settings = new Settings(parseYamlTree(config.text, config.name).root, input.environment, rules.config)
  const database = databaseOf(settings, place, rules.config.flatKeys)
  const minimumClient = steps.at(-1)?.hop.minimumClient ?? null
  const areClientsKnown = input.server !== null && input.server.clientsUnknown === null
  return {
    ...{from, to, file: config.name, minimumClient, steps},
    clients: areClientsKnown || minimumClient === null ? null : clientsLine(database, rules.upgrade),
    restore: steps.length === 0 ? [] : restoreLines(planner.database),
  }
}

class Planner {
  readonly #input: PlanInput
  #rules: StepRules
  #config: string
  #environment: Environment
  #policy: EditedPolicy | null
  readonly #seen = new Set<string>()
  /** Files that servers of earlier steps make. */
  readonly #made = new Set<string>()
  /** Names of keys now, and before. */
  readonly #renames: [now: string, before: string][] = []
  readonly #original: Settings

  constructor(input: PlanInput) {
    this.#input = input
    this.#rules = rulesOf(input.from.text)
    this.#config = input.config.text
    this.#environment = input.environment
    this.#policy = input.policy === null ? null : unchangedPolicy(input.policy.text)
    this.#original = this.#settings()
  }

  get database() {
    return databaseOf(this.#settings(), this.#input.place, this.#rules.config.flatKeys)
  }

  /** What is wrong already is not a matter of the upgrade. */
  async begin(): Promise<void> {
    for (const finding of [...(await this.#configErrors()), ...this.#policyErrors()]) this.#isNew(finding)
  }

  async step(hop: Hop): Promise<Step> {
    const input = this.#input
    const before = this.#rules
    const settingsBefore = this.#settings()
    const policyPath = this.#policyPath(settingsBefore)
    const backup = backupLines(hop, input.place, {
      settings: settingsBefore,
      ...{flatKeys: before.config.flatKeys, policyPath, exists: (path) => this.#made.has(path) || input.exists(path)},
    })
    const after = rulesOf(hop.release)
    const problems = hop.isNewLine ? this.#variables(after, hop) : []
    const configBefore = this.#config
    const {text, changes: keys} = configStep(configBefore, this.#environment, {before, after})
    this.#config = text
    this.#rules = after
    for (const {action, key, to, value} of keys) {
      if (action === 'rename') this.#renames.push([to!, key])
      if (action === 'add' && key.endsWith('_path')) this.#made.add(absolute(value!, input.place.config))
    }
    const users = this.#nameUsers(before)
    problems.push(...(await this.#configErrors()).filter((finding) => this.#isNew(finding)).map(problemOf))
    problems.push(
      ...this.#policyErrors()
        .filter((finding) => this.#isNew(finding))
        .map(problemOf),
    )
    if (hop.isNewLine) problems.push(...this.#decisions(settingsBefore, before, hop))
    problems.push(...this.#oldClients(hop))
    const policy = users.length > 0 ? this.#policy!.text : null
    const facts = {settings: settingsBefore, server: input.server, policy: input.policy}
    return {
      ...{hop, keys, users, problems, config: text, policy},
      changes: hop.isNewLine ? changesOf(hop.minor, facts) : [],
      commands: this.#commands(hop, backup, {keys, policy, after}),
    }
  }

  #commands(
    hop: Hop,
    backup: readonly string[],
    {keys, policy, after}: {keys: readonly KeyChange[]; policy: string | null; after: StepRules},
  ): string[] {
    const {place, folder, policy: source} = this.#input
    const written = (name: string) => join(folder ?? 'DIR', hop.release, name)
    const files = keys.length === 0 ? [] : [{from: written('config.yaml'), to: place.config}]
    const isStored = source !== null && source.path === null
    if (policy !== null && !isStored) files.push({from: written('policy.hujson'), to: source!.path!})
    const start =
      policy !== null && isStored ? startWithPolicyLines(written('policy.hujson'), place) : startLines(place)
    return [
      ...downloadLines(hop, after.upgrade),
      'systemctl stop headscale',
      ...backup,
      ...replaceLines(files),
      ...installLines(hop, after.upgrade),
      ...start,
      ...checkLines(place),
    ]
  }

  #settings(): Settings {
    const {root} = parseYamlTree(this.#config, this.#input.config.name)
    return new Settings(root, this.#environment, this.#rules.config)
  }

  #policyPath(settings: Settings): string | null {
    const {policy, place} = this.#input
    if (policy?.path) return absolute(policy.path, place.config)
    const named = settings.text(this.#rules.config.policyMode ? 'policy.path' : 'acl_policy_path')
    return named === '' ? null : absolute(named, place.config)
  }

  /** Errors of setup check, without those of the policy, at their places in the first file. */
  async #configErrors(): Promise<Finding[]> {
    const {config, check} = this.#input
    const findings = await checkConfig(this.#config, config.name, {
      ...{rules: this.#rules.config, environment: this.#environment, named: false, ...check},
    })
    const settings = this.#settings()
    const policy = settings.text(this.#rules.config.policyMode ? 'policy.path' : 'acl_policy_path')
    const hasFamilies = this.#hasTwoOfAFamily(settings)
    return findings
      .filter(({severity, place}) => severity === 'error' && (policy === '' || place.file !== policy))
      .filter(({code, path}) => !hasFamilies || (path !== 'ip_prefixes' && code !== 'prefixes-missing'))
      .map((finding) =>
        finding.place.file === config.name
          ? {...finding, place: this.#original.place(this.#before(finding.path))}
          : finding,
      )
  }

  #before(path: string): string {
    let name = path
    for (const [now, before] of this.#renames.toReversed()) {
      if (name === now || name.startsWith(`${now}.`))
        name = before === 'ip_prefixes' ? before : before + name.slice(now.length)
    }
    return name
  }

  #policyErrors(): Finding[] {
    const {policy, server} = this.#input
    if (policy === null || this.#policy === null || !this.#rules.upgrade.checksPolicy) return []
    const edited = this.#policy
    const tailnet =
      server === null ? null : {users: server.users, nodes: server.nodes.map((node) => ({...node, routes: []}))}
    const {findings} = checkPolicy(edited.text, policy.name, policyRelease(this.#rules.config.release), tailnet)
    return (
      findings
        // decisions has one for a policy in YAML. A failed test does not stop a server.
        .filter(
          ({severity, code}) =>
            severity === 'error' && code !== 'failed-test' && !(isYaml(policy) && code === 'syntax'),
        )
        .map((finding) => ({...finding, place: edited.original(finding.place)}))
    )
  }

  /** Of the list of prefixes, one of each family stays. */
  #hasTwoOfAFamily(settings: Settings): boolean {
    if (this.#rules.config.flatKeys) return false
    const families = settings.list('ip_prefixes').map(({text}) => text.includes(':'))
    return new Set(families).size < families.length
  }

  /** Users get their "@" where they begin to need it. */
  #nameUsers(before: StepRules): UserEdit[] {
    const {policy} = this.#input
    if (policy === null || before.upgrade.usersHaveAt || !this.#rules.upgrade.usersHaveAt) return []
    this.#policy = withAtSigns(policy.text, policy.name, before.config.release)
    return this.#policy.edits
  }

  /** Variables with the names of keys that the release no longer reads. */
  #variables(after: StepRules, {release}: Hop): Problem[] {
    const known = replacedKeys(this.#rules.config)
    const problems: Problem[] = []
    const environment = new Map(this.#environment)
    for (const {name, by} of replacedKeys(after.config).values()) {
      const variable = environment.get(variableOf(name))
      if (variable === undefined || (known.has(name) && known.get(name)!.by === by)) continue
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
    this.#environment = environment
    return problems
  }

  /** What no file can decide. */
  #decisions(settings: Settings, before: StepRules, {release}: Hop): Problem[] {
    const {policy, server} = this.#input
    const problems: Problem[] = []
    const add = (code: string, key: string | null, [message, reason, fix]: [string, string, string]) =>
      problems.push({code, place: key === null ? null : this.#original.place(this.#before(key)), message, reason, fix})
    if (policy !== null && !before.config.policyMode && this.#rules.config.policyMode && isYaml(policy)) {
      add('policy-yaml', 'acl_policy_path', [
        `The policy ${policy.name} is YAML`,
        `headscale ${release} reads HuJSON alone`,
        'Write the same policy as JSON',
      ])
    }
    if (this.#input.unreadPolicy !== null && this.#rules.upgrade.checksPolicy && !this.#seen.has('unread-policy')) {
      this.#seen.add('unread-policy')
      add('unread-policy', null, [
        `The policy was not read: ${this.#input.unreadPolicy}`,
        'headscale does not start if a release rejects it',
        'Make the plan again with --policy FILE',
      ])
    }
    if (before.config.flatKeys && this.#hasTwoOfAFamily(settings)) {
      add('prefix-families', 'ip_prefixes', [
        'ip_prefixes has several prefixes of one family',
        `headscale ${release} has one IPv4 and one IPv6 prefix`,
        'Keep the one that new nodes get addresses of; old nodes keep theirs',
      ])
    }
    const mapped = before.upgrade.mapsLegacyUsers !== null && this.#rules.upgrade.mapsLegacyUsers === null
    if (mapped && settings.text('oidc.issuer') !== '') {
      const old =
        before.config.release === this.#input.from.text
          ? (server?.users.filter((user) => !user.providerId) ?? null)
          : null
      if (old === null || old.length > 0) {
        const who = old === null ? 'Users' : `${old.length} of ${server!.users.length} users`
        add('sign-on-accounts', 'oidc.issuer', [
          `${who} who have not logged in through single sign-on since 0.24 get a new account`,
          `headscale ${release} no longer finds them by name`,
          `Stay on ${before.config.release} until each of them has logged in once`,
        ])
      }
    }
    if (settings.bool('randomize_client_port', false) && this.#rules.config.nodeBlock && !before.config.nodeBlock) {
      add('client-port', 'randomize_client_port', [
        'randomize_client_port is true',
        `headscale ${release} reads it from the policy`,
        'After this step add "randomizeClientPort": true at the top level of the policy',
      ])
    }
    return problems
  }

  /** Each node once, at the first release that its client cannot connect to. */
  #oldClients({release, minimumClient}: Hop): Problem[] {
    if (minimumClient === null) return []
    const old = (this.#input.server?.nodes ?? []).filter(
      ({name, client}) => client !== null && isOlder(client, minimumClient) && !this.#seen.has(`client ${name}`),
    )
    if (old.length === 0) return []
    for (const {name} of old) this.#seen.add(`client ${name}`)
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

  /** Whether the finding is not one of an earlier release. */
  #isNew({code, path, place, reason}: Finding): boolean {
    // What was only wrong can stop a later release.
    const stops = /does not start|rejects/.test(reason)
    const key = `${code} ${place.file}:${place.offset} ${this.#before(path)} ${stops}`
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    return true
  }
}

function rulesOf(release: string): StepRules {
  const config = configRules(release)
  return {config, upgrade: upgradeRules(config.minor)}
}

function problemOf({code, place, message, reason, fix}: Finding): Problem {
  return {code, place, message, reason, fix: fix.replace(', or use --fix', '')}
}

/** Up to 0.22, by the name of the file. */
function isYaml({name}: PolicySource): boolean {
  return /\.ya?ml$/i.test(name)
}

function isOlder(client: string, minimum: string): boolean {
  const [major = 0, minor = 0] = client.split(/[.-]/).map(Number)
  const [leastMajor = 0, leastMinor = 0] = minimum.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}
