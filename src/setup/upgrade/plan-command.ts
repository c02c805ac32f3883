/** `upgrade plan` without its command: flags, files and what a server says become a plan, and the files to write. */
import {dirname, join, resolve} from 'node:path'
import {INSTALLED_CONFIG} from '../../config/config-file.ts'
import {isUrl} from '../../derp/read/url.ts'
import {readSource} from '../../derp/read/read.ts'
import {usageError} from '../../errors.ts'
import {parseYamlTree} from '../../syntax/yaml.ts'
import {environmentOf, findConfigFile, isInstalled} from '../check/check-command.ts'
import {isMissing, machineFiles} from '../check/machine-files.ts'
import {Settings} from '../config/settings.ts'
import {configRules} from '../releases.ts'
import {BACKUP_FOLDER} from '../render/backup.ts'
import {absolute} from './commands.ts'
import {planUpgrade} from './plan.ts'
import {parseRelease} from './releases.ts'
import type {CheckContext} from '../check/check-command.ts'
import type {UpgradePlan} from './plan.ts'
import type {PolicySource} from './problems.ts'
import type {Release} from './releases.ts'
import type {UpgradeServer} from './server.ts'

export interface PlanFlags {
  from: string
  to: string
  /** As given; without it the file is searched where headscale searches it. */
  config: string | undefined
  envFile: string | undefined
  policy: string | undefined
  write: string | undefined
  backup: string | undefined
}

export interface Planned {
  plan: UpgradePlan
  /** Below the folder of `--write`. */
  files: {path: string; text: string; mode: number}[]
}

/** @throws HeadscaleError `usage`, `invalid-input` for a config file that is not YAML, or what reading a file throws */
export async function runPlan(flags: PlanFlags, server: UpgradeServer | null, context: CheckContext): Promise<Planned> {
  const {cwd} = context
  const from = parseRelease(flags.from)
  const to = parseRelease(flags.to)
  const target = flags.config ?? findConfigFile(context)
  if (isUrl(target)) throw usageError('the config file cannot be a URL', 'download it first')
  const {name, text} = await readSource(target, {cwd})
  const path = target === '-' ? null : resolve(cwd, target)
  const config = path ?? INSTALLED_CONFIG
  const environment = await environmentOf(flags, context)
  const {root} = parseYamlTree(text, name)
  const settings = new Settings(root, environment, configRules(from.text))
  const {policy, unreadPolicy} = await readPolicy(flags.policy, {settings, config, server, from, cwd})
  const installed = isInstalled(path)
  const plan = await planUpgrade({
    ...{from, to, config: {name, text}, environment, policy, unreadPolicy, server},
    check: {files: machineFiles, installed, path, cwd},
    place: {config, backupFolder: flags.backup === undefined ? BACKUP_FOLDER : resolve(cwd, flags.backup)},
    folder: flags.write === undefined ? null : resolve(cwd, flags.write),
    exists: (file) => !isMissing(file) || (!installed && isMissing(dirname(file))),
  })
  const files = plan.steps.flatMap(({hop, config: newText, policy: newPolicy}) => [
    // It can contain secrets.
    {path: join(hop.release, 'config.yaml'), text: newText, mode: 0o600},
    ...(newPolicy === null ? [] : [{path: join(hop.release, 'policy.hujson'), text: newPolicy, mode: 0o644}]),
  ])
  return {plan, files}
}

/**
 * The address of the debug listener in a config file, so that clients are known if another source names the server.
 *
 * @throws as runPlan
 */
export async function listenerOf(config: string, cwd: string): Promise<string | undefined> {
  const {name, text} = await readSource(config, {cwd})
  const settings = new Settings(parseYamlTree(text, name).root, new Map(), configRules())
  return settings.text('metrics_listen_addr') || undefined
}

interface PolicyContext {
  settings: Settings
  config: string
  server: UpgradeServer | null
  from: Release
  cwd: string
}

/** The policy that the flag names, or the file that the config file names, or what the server has. */
async function readPolicy(
  flag: string | undefined,
  {settings, config, server, from, cwd}: PolicyContext,
): Promise<{policy: PolicySource | null; unreadPolicy: string | null}> {
  const {policyMode} = configRules(from.text)
  const isStored = policyMode && settings.text('policy.mode', 'file') === 'database'
  const named = isStored ? '' : settings.text(policyMode ? 'policy.path' : 'acl_policy_path')
  const path = named === '' ? null : absolute(named, config)
  if (flag !== undefined) {
    const {name, text} = await readSource(flag, {cwd})
    return {policy: {name, text, path: isStored ? null : (path ?? resolve(cwd, flag))}, unreadPolicy: null}
  }
  const text = path === null ? null : machineFiles.read(path)
  if (path !== null && text !== null) return {policy: {name: named, text, path}, unreadPolicy: null}
  const stored = server?.policy ?? null
  if (stored !== null && stored !== '') {
    return {policy: {name: path ?? 'policy', text: stored, path}, unreadPolicy: null}
  }
  if (path !== null) return {policy: null, unreadPolicy: named}
  return {policy: null, unreadPolicy: isStored && server === null ? 'it is in the database' : null}
}
