/**
 * `setup render` without its command: answers become files.
 *
 * The config file passes `setup check` for the same release before anything is written: an error stops the command,
 * warnings are returned with the files. The same answers give the same files.
 */
import {shellWord} from '../../deploy/shell.ts'
import {comment} from '../../deploy/yaml.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {findingSentence} from '../../diagnostics/report.ts'
import {checkConfig} from '../check/check.ts'
import {machineFiles} from '../check/machine-files.ts'
import {completeAnswers} from './answers.ts'
import {configText} from './config-text.ts'
import {composeText} from './compose.ts'
import {BACKUP_SCRIPT, BACKUP_SERVICE, BACKUP_TIMER} from './backup.ts'
import {installScript} from './install-script.ts'
import {caddySite, nginxSite} from './proxies.ts'
import {systemdUnit} from './systemd.ts'
import {traefikRouter} from './traefik.ts'
import type {Answers, RawAnswers} from './answers.ts'

export const RENDER_FORMATS = ['config', 'systemd', 'nginx', 'caddy', 'traefik', 'compose', 'backup', 'script'] as const
export type RenderFormat = (typeof RENDER_FORMATS)[number]

export type ProxyName = 'nginx' | 'caddy' | 'traefik'

export interface RenderedFile {
  format: RenderFormat
  /** Below the root of the server. */
  path: string
  text: string
}

export interface Rendered {
  files: RenderedFile[]
  /** A line each, for stderr. */
  warnings: string[]
}

export interface RenderOptions {
  /** Null for every file that the answers need. */
  format: RenderFormat | null
  closeApi: boolean
  /** The proxy whose file a tree has. */
  proxy: ProxyName | null
  /** For compose. */
  image: string | null
  /** The words after the program's name, for the header. */
  command: readonly string[]
  cwd: string
}

/** @throws HeadscaleError `usage` for answers that do not fit, `invalid-input` for a file that would not work */
export async function renderSetup(raw: RawAnswers, options: RenderOptions): Promise<Rendered> {
  const answers = completeAnswers(raw)
  checkOptions(options, answers)
  const {format, command, cwd} = options
  const head = [
    `headscale ${answers.rules.release}`,
    `Made by: ${['headscale-ts', ...command].map(shellWord).join(' ')}`,
  ]
  const tree = [...TREE, ...(options.proxy === null ? [] : [options.proxy])]
  const rendered = (names: readonly Exclude<RenderFormat, 'script'>[]) =>
    names.flatMap((name) => filesOf(name, answers, head, options))
  const all = rendered(tree)
  const files = format === null ? [...all, script(all)] : format === 'script' ? [script(all)] : rendered([format])
  return {files, warnings: await warningsOf(answers, head, cwd)}
}

/** What every tree has. */
const TREE = ['config', 'systemd', 'backup'] as const

const PROXIES: readonly string[] = ['nginx', 'caddy', 'traefik']

function checkOptions({format, proxy, image, closeApi}: RenderOptions, {tls}: Answers): void {
  const isProxied = tls === 'proxy'
  if (format !== null && PROXIES.includes(format) && !isProxied) throw usageError(`-o ${format} needs --tls proxy`)
  if (proxy !== null && !isProxied) throw usageError('--proxy needs --tls proxy')
  if (closeApi && !isProxied) throw usageError('--close-api needs --tls proxy', 'only a proxy can close it')
  if (image !== null && format !== 'compose') throw usageError('--image needs -o compose')
}

function filesOf(
  format: Exclude<RenderFormat, 'script'>,
  answers: Answers,
  head: readonly string[],
  {closeApi, image}: RenderOptions,
): RenderedFile[] {
  const file = (path: string, text: string): RenderedFile => ({format, path, text: marked(text, head)})
  const units = 'etc/systemd/system'
  switch (format) {
    case 'config':
      return [{format, path: 'etc/headscale/config.yaml', text: configText(answers, head)}]
    case 'systemd':
      return [file(`${units}/headscale.service`, systemdUnit(answers))]
    case 'nginx':
      return [file('etc/nginx/conf.d/headscale.conf', nginxSite(answers, closeApi))]
    case 'caddy':
      return [file('etc/caddy/Caddyfile', caddySite(answers, closeApi))]
    case 'traefik':
      return [file('etc/traefik/dynamic/headscale.yaml', traefikRouter(answers, closeApi))]
    case 'compose':
      return [file('compose.yaml', composeText(answers, image))]
    case 'backup':
      return [
        {format, path: 'usr/local/sbin/headscale-backup', text: BACKUP_SCRIPT},
        {format, path: `${units}/headscale-backup.service`, text: BACKUP_SERVICE},
        {format, path: `${units}/headscale-backup.timer`, text: BACKUP_TIMER},
      ]
  }
}

function script(files: readonly RenderedFile[]): RenderedFile {
  return {format: 'script', path: 'install.sh', text: installScript(files.map(({path}) => path))}
}

function marked(text: string, head: readonly string[]): string {
  return `${comment(head).join('\n')}\n${text}`
}

/** What `setup check` says about the config file. Its files are on the server, and not here. */
async function warningsOf(answers: Answers, head: readonly string[], cwd: string): Promise<string[]> {
  const text = configText(answers, head)
  const findings = await checkConfig(text, 'config.yaml', {
    ...{rules: answers.rules, environment: new Map(), named: false, files: machineFiles, installed: false, cwd},
    path: '/nowhere/config.yaml',
    canFix: false,
  })
  // The map of another machine cannot be checked here.
  const known = findings.filter(({code}) => !['unreadable-source', 'missing-file', 'readable-by-others'].includes(code))
  const error = known.find(({severity}) => severity === 'error')
  if (error !== undefined) {
    throw new HeadscaleError('invalid-input', error.message, {hint: error.fix, details: {reason: error.reason}})
  }
  return known.map(findingSentence)
}
