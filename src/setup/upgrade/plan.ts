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
import {Settings} from '../config/settings.ts'
import {configRules} from '../releases.ts'
import {changesOf} from './changes.ts'
import {configStep} from './config-steps.ts'
import {unchangedPolicy, withAtSigns} from './policy-users.ts'
import {decisions, hasTwoOfAFamily, isYaml, oldClients, renamedVariables} from './problems.ts'
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
import type {CheckOptions} from '../check/check.ts'
import type {Environment} from '../config/environment.ts'
import type {Place} from './commands.ts'
import type {KeyChange, StepRules} from './config-steps.ts'
import type {EditedPolicy, UserEdit} from './policy-users.ts'
import type {PolicySource, Problem} from './problems.ts'
import type {Hop, Release} from './releases.ts'
import type {UpgradeServer} from './server.ts'

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
  /** Errors of the files by the rules of the release in use; they are not in the steps. */
  errors: number
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
  const errors = await planner.begin()
  const steps: Step[] = []
  for (const hop of hops) steps.push(await planner.step(hop, steps.at(-1)?.hop ?? null))
  const rules = rulesOf(from.text)
  const settings = new Settings(parseYamlTree(config.text, config.name).root, input.environment, rules.config)
  const database = databaseOf(settings, place, rules.config.flatKeys)
  const minimumClient = steps.at(-1)?.hop.minimumClient ?? null
  const areClientsKnown = input.server !== null && input.server.clientsUnknown === null
  return {
    ...{from, to, file: config.name, errors, minimumClient, steps},
    clients: areClientsKnown || minimumClient === null ? null : clientsLine(database, rules.upgrade),
    restore: steps.length === 0 ? [] : restoreLines(planner.database, planner.rules),
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

  /** Of the last release. */
  get rules() {
    return this.#rules.upgrade
  }

  get database() {
    return databaseOf(this.#settings(), this.#input.place, this.#rules.config.flatKeys)
  }

  /** What is wrong already is not a matter of the upgrade. @returns the number of errors */
  async begin(): Promise<number> {
    const errors = [...(await this.#configErrors()), ...this.#policyErrors()]
    for (const finding of errors) this.#isNew(finding)
    return errors.length
  }

  /** @param previous the hop before it; null for the first */
  async step(hop: Hop, previous: Hop | null): Promise<Step> {
    const isFirst = previous === null
    const minimumBefore = previous?.minimumClient ?? null
    const input = this.#input
    const before = this.#rules
    const settingsBefore = this.#settings()
    const policyPath = this.#policyPath(settingsBefore)
    const backup = backupLines(hop, input.place, {
      settings: settingsBefore,
      ...{flatKeys: before.config.flatKeys, policyPath, exists: (path) => this.#made.has(path) || input.exists(path)},
    })
    const after = rulesOf(hop.release)
    const problems: Problem[] = []
    if (hop.isNewLine) {
      const renamed = renamedVariables(this.#environment, {before, after}, hop)
      problems.push(...renamed.problems)
      this.#environment = renamed.environment
    }
    const {text, changes: keys} = configStep(this.#config, this.#environment, {before, after})
    this.#config = text
    this.#rules = after
    for (const {action, key, to, value} of keys) {
      if (action === 'rename') this.#renames.push([to!, key])
      if (action === 'add' && key.endsWith('_path')) this.#made.add(absolute(value!, input.place.config))
    }
    const users = this.#nameUsers(before)
    const errors = [...(await this.#configErrors()), ...this.#policyErrors()]
    problems.push(...errors.filter((finding) => this.#isNew(finding)).map(problemOf))
    if (hop.isNewLine) {
      const placeOf = (key: string) => this.#original.place(this.#before(key))
      problems.push(...decisions(hop, {...input, before, after, settings: settingsBefore, isFirst, placeOf}))
    }
    problems.push(...oldClients(hop, minimumBefore, input.server?.nodes ?? []))
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
      policy !== null && isStored
        ? startWithPolicyLines(written('policy.hujson'), place)
        : startLines(place, after.upgrade)
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
      ...{rules: this.#rules.config, environment: this.#environment, named: false, canFix: false, ...check},
    })
    const settings = this.#settings()
    const policy = settings.text(this.#rules.config.policyMode ? 'policy.path' : 'acl_policy_path')
    // decisions has it.
    const hasFamilies = !this.#rules.config.flatKeys && hasTwoOfAFamily(settings)
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

  /** Users get their "@" where they begin to need it. */
  #nameUsers(before: StepRules): UserEdit[] {
    const {policy} = this.#input
    if (policy === null || before.upgrade.usersHaveAt || !this.#rules.upgrade.usersHaveAt) return []
    this.#policy = withAtSigns(policy.text, policy.name, before.config.release)
    return this.#policy.edits
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
  return {code, place, message, reason, fix}
}
