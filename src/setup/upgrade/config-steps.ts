/**
 * The config file of each hop: the file before it with the keys of the next release, so that the server starts and does what it
 * did. What it cannot keep is left to the check, and becomes a problem (plan.ts).
 */
import {dirname, join} from 'node:path'
import {parseYamlTree} from '../../syntax/yaml.ts'
import {Settings} from '../config/settings.ts'
import {addKey} from '../fix/add-key.ts'
import {fixRenames} from '../fix/fix-renames.ts'
import {deleteKey, moveKey} from '../fix/move-key.ts'
import {replacedKeys} from '../keys/replaced.ts'
import type {Environment} from '../config/environment.ts'
import type {ConfigRules} from '../releases.ts'
import type {UpgradeRules} from './releases.ts'

/** One key that changes. */
export interface KeyChange {
  action: 'rename' | 'delete' | 'add'
  key: string
  /** The new name; null unless it is renamed. */
  to: string | null
  /** The value of a new key; null otherwise. */
  value: string | null
}

export interface ConfigStep {
  text: string
  changes: KeyChange[]
}

/** What the rules of a release are, for config files. */
export interface StepRules {
  config: ConfigRules
  upgrade: UpgradeRules
}

/** @throws SyntaxProblem for a text that is not YAML */
export function configStep(
  text: string,
  environment: Environment,
  {before, after}: {before: StepRules; after: StepRules},
): ConfigStep {
  const step = new Step(text, environment, before, after)
  step.keepEmbeddedKey()
  step.rename()
  step.deleteRemoved()
  step.addNeeded()
  return {text: step.text, changes: step.changes}
}

class Step {
  text: string
  readonly changes: KeyChange[] = []
  readonly #environment: Environment
  readonly #before: StepRules
  readonly #after: StepRules
  /** Of the file before the hop, under its old names. */
  readonly #old: Settings

  constructor(text: string, environment: Environment, before: StepRules, after: StepRules) {
    this.text = text
    this.#environment = environment
    this.#before = before
    this.#after = after
    this.#old = this.#settings(before.config)
  }

  /** Up to 0.22 the embedded relay has the server's own key; with the same file it keeps it. */
  keepEmbeddedKey(): void {
    const key = 'derp.server.private_key_path'
    if (!this.#begins('embeddedHasOwnKey') || !this.#old.bool('derp.server.enabled', false)) return
    if (this.#old.isSet(key)) return
    const moved = this.#old.inFile('private_key_path') ? moveKey(this.text, 'private_key_path', key) : null
    if (moved !== null) this.#apply(moved, {action: 'rename', key: 'private_key_path', to: key, value: null})
    else this.#add(key, this.#beside('private_key_path', 'derp_server_private.key'))
  }

  rename(): void {
    const {text, renamed} = fixRenames(this.text, this.#after.config)
    this.text = text
    this.changes.push(...renamed.map(({from, to}): KeyChange => ({action: 'rename', key: from, to, value: null})))
  }

  deleteRemoved(): void {
    for (const {name, by} of replacedKeys(this.#after.config).values()) {
      if (by !== null) continue
      const text = deleteKey(this.text, name)
      if (text !== null) this.#apply(text, {action: 'delete', key: name, to: null, value: null})
    }
  }

  /** Keys without which the server would not start, or would do something else than before. */
  addNeeded(): void {
    const {config, upgrade} = this.#after
    const now = this.#settings(config)
    if (config.noiseKey && !this.#before.config.noiseKey && !now.isSet('noise.private_key_path')) {
      this.#add('noise.private_key_path', this.#beside('private_key_path', 'noise_private.key'))
    }
    if (!config.flatKeys && this.#before.config.flatKeys) {
      // The default of 0.22; without it the server does not start.
      if (!now.inFile('prefixes') && !this.#old.isSet('ip_prefixes')) this.#add('prefixes.v4', '100.64.0.0/10')
      // A block that could not be renamed is still there, and says it.
      if (!now.isSet('dns.magic_dns') && !now.inFile('dns_config')) this.#add('dns.magic_dns', 'false')
    }
    if (
      config.overrideNeedsNameservers &&
      !this.#before.config.overrideNeedsNameservers &&
      !now.isSet('dns.override_local_dns') &&
      now.list('dns.nameservers.global').length === 0
    ) {
      this.#add('dns.override_local_dns', 'false')
    }
    const mapped = this.#before.upgrade.mapsLegacyUsers === true && upgrade.mapsLegacyUsers === false
    if (mapped && now.text('oidc.issuer') !== '' && !now.isSet('oidc.map_legacy_users')) {
      this.#add('oidc.map_legacy_users', 'true')
    }
  }

  #begins(fact: 'embeddedHasOwnKey'): boolean {
    return this.#after.config.derp[fact] && !this.#before.config.derp[fact]
  }

  #settings(rules: ConfigRules): Settings {
    return new Settings(parseYamlTree(this.text, '').root, this.#environment, rules)
  }

  /** A file in the folder of another one. */
  #beside(key: string, name: string): string {
    const path = this.#old.text(key)
    return join(path === '' ? '/var/lib/headscale' : dirname(path), name)
  }

  #add(key: string, value: string): void {
    const text = addKey(this.text, key, value)
    if (text !== null) this.#apply(text, {action: 'add', key, to: null, value})
  }

  #apply(text: string, change: KeyChange): void {
    this.text = text
    this.changes.push(change)
  }
}
