/**
 * `setup check`: the text of a config.yaml → findings.
 *
 * All rules run on one view of the settings (config/settings.ts). The derp block and the map files it names are checked
 * as `derp validate --config` does; URLs are not fetched. An error means that the server does not start, or that a
 * setting does not do what it says.
 */
import {dirname} from 'node:path'
import {validateConfig} from '../../derp/lint/validate.ts'
import {pathCandidates} from '../../derp/config/config.ts'
import {sortFindings} from '../../diagnostics/finding.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {SyntaxProblem} from '../../syntax/tree.ts'
import {Settings} from '../config/settings.ts'
import {checkBeside} from '../beside/beside.ts'
import {checkAddressPools} from './address-pool-rules.ts'
import {Context} from './context.ts'
import {checkDns} from './dns-rules.ts'
import {checkFiles} from './file-rules.ts'
import {checkKeys, checkVariables} from './key-rules.ts'
import {isMissing} from './machine-files.ts'
import {checkNumbers} from './number-rules.ts'
import {checkOidc} from './oidc-rules.ts'
import {checkPolicy} from './policy-rules.ts'
import {checkServer} from './server-rules.ts'
import {checkStorage} from './storage-rules.ts'
import {checkTls} from './tls-rules.ts'
import {checkTypes} from './type-rules.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Document, Tree} from '../../syntax/tree.ts'
import type {BesideFile} from '../beside/beside.ts'
import type {Environment} from '../config/environment.ts'
import type {ConfigRules} from '../releases.ts'
import type {MachineFiles} from './machine-files.ts'

export interface CheckOptions {
  rules: ConfigRules
  environment: Environment
  /** Whether the environment is from a file that the user named, whose other variables are reported too. */
  named: boolean
  files: MachineFiles
  /** Whether the server runs on this machine. */
  installed: boolean
  /** Absolute; null for standard input. */
  path: string | null
  /** Whether the command can rename keys itself, with --fix. */
  canFix: boolean
  /** Files beside it: of a proxy, of systemd, of compose. */
  beside?: readonly BesideFile[]
  /** Where headscale starts; relative DERP paths begin there. */
  cwd: string
}

/** @param name the file in findings */
export async function checkConfig(text: string, name: string, options: CheckOptions): Promise<Finding[]> {
  const {rules, environment} = options
  let document: Document
  try {
    const {parseYamlTree} = await import('../../syntax/yaml.ts')
    document = parseYamlTree(text, name)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    return [syntaxFinding(error)]
  }
  const {root} = document
  if (root.kind !== 'map' && !isNull(root)) return [notAConfig(root)]
  const duplicate = duplicateKey(root)
  if (duplicate !== null) return [duplicate]
  const settings = new Settings(root, environment, rules)
  const {files, installed, path: configPath, canFix} = options
  const context = new Context({rules, settings, files, installed, configPath, canFix})
  checkKeys(context)
  if (options.named) checkVariables(environment, context)
  for (const check of [checkTypes, checkServer, checkTls, checkDns, checkAddressPools, checkStorage, checkOidc])
    check(context)
  for (const check of [checkPolicy, checkNumbers, checkFiles]) check(context)
  for (const file of options.beside ?? []) await checkBeside(context, file)
  if (document.secondDocument !== null) {
    context.warning(
      'second-document',
      '',
      [
        'The file has a second YAML document',
        'headscale reads only the first',
        'Delete it, or move it to another file',
      ],
      document.secondDocument,
    )
  }
  return sortFindings([...context.findings, ...(await derpFindings(text, name, options))])
}

/** Of `derp validate`, without what the rules of keys report, and without files of another machine. */
async function derpFindings(text: string, name: string, options: CheckOptions): Promise<Finding[]> {
  const {rules, cwd, installed, path} = options
  const validation = await validateConfig(
    {name, text, status: null},
    {behaviour: rules.derp, as: null, fetch: false, cwd},
  )
  const named = validation.config?.sources ?? []
  const elsewhere = new Set(
    named
      .filter(({kind}) => kind === 'paths')
      .filter(({target}) =>
        pathCandidates(path ?? name, target, cwd).every(
          (file) => isMissing(file) && !installed && isMissing(dirname(file)),
        ),
      )
      .map(({place}) => place.offset),
  )
  return validation.findings.filter(({code, place, path: where}) => {
    if (code === 'unknown-key' && where.startsWith('derp.')) return false
    // An environment variable can name the sources.
    if (
      code === 'empty-map' &&
      ['HEADSCALE_DERP_URLS', 'HEADSCALE_DERP_PATHS'].some((name) => options.environment.has(name))
    )
      return false
    return code !== 'unreadable-source' || place.file !== name || !elsewhere.has(place.offset)
  })
}

function syntaxFinding({place, reason}: SyntaxProblem): Finding {
  const fix = /\btabs?\b/i.test(reason) ? 'Use spaces in place of the tab' : 'Fix the YAML at this position'
  return {
    ...{severity: 'error', code: 'syntax', place, path: '', edit: null, fix},
    message: `Not YAML: ${reason}`,
    reason: 'headscale does not start',
  }
}

function notAConfig({place, kind}: Tree): Finding {
  return {
    ...{severity: 'error', code: 'syntax', place, path: '', edit: null},
    message: `The file is a ${kind === 'list' ? 'list' : 'text'}, expected keys with values`,
    reason: 'headscale does not start',
    fix: 'Write settings such as server_url: https://headscale.example.com',
  }
}

/** Of two keys in one block that differ at most in case, the second. */
function duplicateKey(tree: Tree, path = ''): Finding | null {
  if (tree.kind === 'list') {
    for (const item of tree.items) {
      const inside = duplicateKey(item, path)
      if (inside !== null) return inside
    }
    return null
  }
  if (tree.kind !== 'map') return null
  const seen = new Map<string, {text: string; line: number}>()
  for (const {key, value} of tree.entries) {
    const name = path === '' ? key.text : `${path}.${key.text}`
    const before = seen.get(key.text.toLowerCase())
    if (before !== undefined) {
      const isSame = before.text === key.text
      return {
        ...{severity: 'error', code: 'duplicate-key', place: key.place, path: name, edit: null},
        message: `${name} is duplicated; it is in line ${before.line} too`,
        reason: isSame
          ? 'headscale does not start: each key may occur once'
          : 'Keys are the same in any case, and headscale reads one of them by chance',
        fix: 'Delete one of them',
      }
    }
    seen.set(key.text.toLowerCase(), {text: key.text, line: key.place.line})
    const inside = duplicateKey(value, name)
    if (inside !== null) return inside
  }
  return null
}
