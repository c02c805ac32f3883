/**
 * `derp render` without its command: the words of the command line become a map, and the map a text.
 *
 * What is rendered passes the checks of `derp validate` first: an error stops it, warnings come back with the text.
 * The header repeats the command line, so that a file says how to make it again; a password in a URL is left out.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {buildMap} from './build-map.ts'
import {checkSource} from '../lint/region-rules.ts'
import {checkTogether} from '../lint/cross-source-rules.ts'
import {renderDeployment} from './deploy.ts'
import {DEFAULT_CERT_DIR, DEFAULT_IMAGE} from './derper-settings.ts'
import {shellWord} from '../../deploy/shell.ts'
import {nodeEntries} from '../map.ts'
import {MapPlaces} from '../read/positions.ts'
import {behaviourOf} from '../releases.ts'
import {renderConfig, renderJson, renderYaml} from './render.ts'
import {loadMap} from '../read/source.ts'
import {PIN_NOTATIONS, parsePin} from '../cert/pin-text.ts'
import type {Preset} from './build-map.ts'
import type {LeafCertificate} from '../cert/pin.ts'
import type {DeployFormat} from './deploy.ts'
import type {DeployOptions} from './derper-settings.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpMap, DerpNode} from '../map.ts'

export const RENDER_FORMATS = ['yaml', 'json', 'config', 'derper', 'docker', 'compose', 'systemd'] as const
export type RenderFormat = (typeof RENDER_FORMATS)[number]

/** Flags as typed. */
export interface RenderWords {
  output: RenderFormat
  region?: string[] | undefined
  node?: string[] | undefined
  domain?: string | undefined
  ip?: string | undefined
  home?: string | undefined
  port?: number | undefined
  'stun-port'?: number | undefined
  pin?: string | undefined
  cert?: string | undefined
  'fetch-pin'?: string | undefined
  'insecure-for-tests'?: boolean | undefined
  from?: string | undefined
  'with-default'?: string | undefined
  exclude?: string[] | undefined
  'map-path'?: string | undefined
  only?: string | undefined
  'cert-mode'?: string | undefined
  'cert-dir'?: string | undefined
  'verify-clients'?: boolean | undefined
  socket?: string | undefined
  'verify-client-url'?: string | undefined
  image?: string | undefined
}

export interface Rendered {
  text: string
  warnings: Finding[]
}

/** Where the `config` output says the map is. */
const MAP_PATH = '/etc/headscale/derp.yaml'

/**
 * Renders what was asked for.
 *
 * @param command the words after the program's name, for the header
 * @throws HeadscaleError `usage` where flags do not fit, `invalid-input` where the map would not work
 */
export async function renderPlan(words: RenderWords, command: readonly string[], cwd: string): Promise<Rendered> {
  refuseStrayFlags(words)
  const own = {
    from: words.from === undefined ? null : (await loadMap(words.from, {cwd})).map,
    regions: words.region ?? [],
    nodes: words.node ?? [],
    preset: await presetOf(words, cwd),
  }
  const exclude = (words.exclude ?? []).map(regionId)
  const header = [`Made by: ${['headscale-ts', ...command.map(withoutPassword).map(shellWord)].join(' ')}`]
  const url = defaultUrl(words)
  if (words.output === 'config' && url !== null) {
    // headscale fetches the default map itself then, and keeps it up to date.
    const warnings = check(buildMap({...own, defaults: null, exclude: []}))
    return {text: renderConfig({paths: [words['map-path'] ?? MAP_PATH], urls: [url]}, header), warnings}
  }
  const defaults =
    isDeployment(words.output) || words['with-default'] === undefined
      ? null
      : (await loadMap(words['with-default'], {cwd})).map
  const map = buildMap({...own, defaults, exclude})
  return {text: render(map, words, header), warnings: check(map)}
}

function render(map: DerpMap, words: RenderWords, header: string[]): string {
  const format = words.output
  if (format === 'yaml')
    return renderYaml(map, [...header, "For derp.paths in headscale's config.yaml, which is read at start"])
  if (format === 'json') return renderJson(map)
  if (format === 'config') return renderConfig({paths: [words['map-path'] ?? MAP_PATH], urls: []}, header)
  const nodes = deployedNodes(map, words)
  return nodes.map((node) => renderDeployment(format, node, deployOptions(words), header)).join('\n')
}

function isDeployment(format: RenderFormat): format is DeployFormat {
  return format !== 'yaml' && format !== 'json' && format !== 'config'
}

/** The URL of the default map when headscale itself can fetch it: nothing of it is left out. */
function defaultUrl(words: RenderWords): string | null {
  const target = words['with-default']
  return target !== undefined && /^https?:\/\//i.test(target) && words.exclude === undefined ? target : null
}

const DEPLOY_FLAGS = [
  'only',
  'cert-mode',
  'cert-dir',
  'verify-clients',
  'socket',
  'verify-client-url',
  'image',
] as const
const PRESET_FLAGS = ['port', 'stun-port', 'pin', 'cert', 'fetch-pin', 'insecure-for-tests'] as const

function refuseStrayFlags(words: RenderWords): void {
  const given = (flag: keyof RenderWords) => words[flag] !== undefined && words[flag] !== false
  const deploy = DEPLOY_FLAGS.find(given)
  if (deploy !== undefined && !isDeployment(words.output)) {
    throw usageError(
      `--${deploy} says how derper runs, and has no place in ${words.output}`,
      'add -o derper, docker, compose or systemd',
    )
  }
  const preset = PRESET_FLAGS.find(given)
  if (preset !== undefined && !given('domain') && !given('ip') && !given('home')) {
    throw usageError(
      `--${preset} belongs to --domain, --ip or --home`,
      'with --node, write it there: --node 900/900a,host=…,port=12345',
    )
  }
  if (given('map-path') && words.output !== 'config')
    throw usageError('--map-path is for -o config', 'add -o config, or leave it out')
  if (given('socket') && !words['verify-clients'])
    throw usageError('--socket is for --verify-clients', 'add --verify-clients, or leave it out')
  if (given('image') && words.output !== 'docker' && words.output !== 'compose') {
    throw usageError('--image is for -o docker and -o compose', 'leave it out')
  }
  const pins = (['pin', 'cert', 'fetch-pin'] as const).filter(given)
  if (pins.length > 1)
    throw usageError(`${pins.map((flag) => `--${flag}`).join(' and ')} exclude each other`, 'give one of them')
}

async function presetOf(words: RenderWords, cwd: string): Promise<Preset | null> {
  const {domain = null, ip = null, home = null, port = null} = words
  if (domain === null && ip === null && home === null) return null
  return {
    ...{domain, ip, home, port},
    stunPort: words['stun-port'] ?? null,
    pin: await pinFor(words, cwd),
    insecureForTests: words['insecure-for-tests'] === true,
  }
}

async function pinFor({pin, cert, 'fetch-pin': from, domain, home}: RenderWords, cwd: string): Promise<string | null> {
  if (pin !== undefined) {
    const hex = parsePin(pin)
    if (hex === null)
      throw usageError(`invalid --pin: expected ${PIN_NOTATIONS}`, 'headscale-ts derp pin prints the pin')
    return hex
  }
  if (cert === undefined && from === undefined) return null
  const {readCertificate, readCertificateFile} = await import('../cert/read-certificate.ts')
  const found = cert === undefined ? await readCertificate(from ?? '') : await readCertificateFile(cert, cwd)
  if (found === null) {
    const hint = 'name the .crt file that derper serves; headscale-ts derp cert makes one'
    throw new HeadscaleError('not-found', `${cert}: no such file`, {hint})
  }
  if (found.certificates > 1) {
    throw new HeadscaleError(
      'invalid-input',
      `${cert ?? from} has ${found.certificates} certificates, and a pin works with one alone`,
      {
        hint: 'leave the pin out: a certificate of a public authority needs none',
      },
    )
  }
  return acceptedPin(found, domain ?? home ?? null, cert ?? from ?? '')
}

/** The pin of a certificate that clients take for the name; null: an address, whose certificate may have any name. */
async function acceptedPin(found: LeafCertificate, name: string | null, source: string): Promise<string | null> {
  const [{judgeCertificate}, {pinOfDer}] = await Promise.all([import('../cert/trust.ts'), import('../cert/pin.ts')])
  const pin = pinOfDer(found.leaf.raw)
  const finding = judgeCertificate({kind: 'pin', pin, name}, {...found, chainError: null}, new Date())
  if (finding === null) return parsePin(pin)
  const {expected, found: instead, fix} = finding
  throw new HeadscaleError('invalid-input', `${source}: clients want ${expected}, and find ${instead}`, {hint: fix})
}

function regionId(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw usageError(`--exclude ${text}: not a region id`, 'write ids as --exclude 1,2')
  return Number(text)
}

function deployOptions(words: RenderWords): DeployOptions {
  const mode = words['cert-mode']
  return {
    certMode: mode === 'manual' || mode === 'letsencrypt' ? mode : null,
    certDir: words['cert-dir'] ?? DEFAULT_CERT_DIR,
    verifyClients: words['verify-clients'] === true,
    socket: words.socket ?? null,
    verifyUrl: words['verify-client-url'] ?? null,
    image: words.image ?? DEFAULT_IMAGE,
  }
}

function deployedNodes(map: DerpMap, {only, output}: RenderWords): DerpNode[] {
  const all = nodeEntries(map).map(([, node]) => node)
  const chosen = only === undefined ? all : all.filter(({name}) => name === only)
  const names = all.map(({name}) => name).join(', ')
  if (chosen.length === 0) throw usageError(`the map has no node ${only}`, `its nodes are ${names}`)
  if (chosen.length > 1 && (output === 'compose' || output === 'systemd')) {
    throw usageError(
      `-o ${output} is for one relay, and the map has ${chosen.length}`,
      `choose one with --only: ${names}`,
    )
  }
  return chosen
}

/** The warnings of `derp validate`; its errors are thrown. */
function check(map: DerpMap): Finding[] {
  const behaviour = behaviourOf()
  const places = new MapPlaces({file: 'the map', line: 1, column: 1, offset: 0, end: 0})
  const parsed = {map, places, file: 'the map', dialect: 'yaml' as const, findings: [], refused: false}
  const findings = [...checkSource(parsed, behaviour), ...checkTogether([parsed], behaviour, true)]
  const error = findings.find(({severity}) => severity === 'error')
  if (error !== undefined) {
    const message = `${error.path}: ${lower(error.message)}`
    throw new HeadscaleError('invalid-input', message, {hint: lower(error.fix), details: {reason: error.reason}})
  }
  return findings
}

function withoutPassword(word: string): string {
  return word.replace(/(https?:\/\/)[^/@\s]*@/gi, '$1')
}

/** The start of a sentence as the middle of one. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
