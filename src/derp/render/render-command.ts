/**
 * `derp render` without its command: flags become a map, and the map a text.
 *
 * The input maps and the result must pass `derp validate`: an error stops the command, warnings are returned with the
 * text. The header repeats the command line, so that a file says how to create it again; the user and password of a URL
 * are left out.
 */
import {usageError} from '../../errors.ts'
import {shellWord} from '../../deploy/shell.ts'
import {redact} from '../../text/secrets.ts'
import {nodeEntries} from '../map.ts'
import {behaviourOf} from '../releases.ts'
import {buildMap} from './build-map.ts'
import {renderDeployment} from './deploy.ts'
import {renderConfig, renderJson, renderYaml} from './map-text.ts'
import {pinFrom} from './pin-source.ts'
import {checkFlags, containerOptions, isDeployment, relayOptions} from './render-flags.ts'
import {loadSource, validateMap} from './sources.ts'
import type {Trace} from '../read/read.ts'
import type {Preset} from './build-map.ts'
import type {DeployFormat} from './deploy.ts'
import type {RenderFlags} from './render-flags.ts'
import type {LoadedSource} from './sources.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {DerpMap, DerpNode, DerpRegion} from '../map.ts'

export interface Rendered {
  text: string
  /** A line each, for stderr. */
  warnings: string[]
}

/** Where `-o config` says the map is. */
const MAP_PATH = '/etc/headscale/derp.yaml'

/**
 * Renders what the flags describe.
 *
 * @param command the words after the program's name, for the header
 * @param trace receives a line for each request
 * @throws HeadscaleError `usage` where flags do not fit, `invalid-input` where the map would not work
 */
export async function runRender(
  flags: RenderFlags,
  command: readonly string[],
  cwd: string,
  trace?: Trace,
): Promise<Rendered> {
  checkFlags(flags)
  const behaviour = behaviourOf()
  const load = async (target: string | undefined) =>
    target === undefined ? null : loadSource(target, {cwd, behaviour, trace})
  const exclude = (flags.exclude ?? []).map(regionId)
  const preset = await presetOf(flags, cwd)
  const from = await load(flags.from)
  // headscale fetches the default map itself and keeps it up to date; how to run a relay does not depend on it.
  const url = flags.output === 'config' ? defaultUrl(flags) : null
  const defaults = url !== null || isDeployment(flags.output) ? null : await load(flags['with-default'])
  const {map, removed} = buildMap({
    from: from?.map ?? null,
    regions: flags.region ?? [],
    nodes: flags['add-node'] ?? [],
    preset,
    defaults: defaults?.map ?? null,
    exclude,
  })
  // A relay with a mesh key is meshed, which the map cannot say.
  const meshed = flags['mesh-key-file'] !== undefined
  const findings = (await validateMap(renderYaml(map), behaviour)).filter(({code}) => !meshed || code !== 'mesh')
  const {text, warnings} = textOf(map, flags, header(command), url)
  const nulls = removed.map((id) => `region ${id} is null in ${flags.from}, and is left out of the map`)
  return {text, warnings: [...sourceWarnings(from, findings), ...sourceWarnings(defaults, []), ...nulls, ...warnings]}
}

function textOf(map: DerpMap, flags: RenderFlags, head: string[], url: string | null): Rendered {
  const {output} = flags
  if (output === 'yaml') {
    const text = renderYaml(map, [...head, "For derp.paths in headscale's config.yaml, which is read at start"])
    return {text, warnings: []}
  }
  if (output === 'json') return {text: renderJson(map), warnings: []}
  if (output === 'config') {
    const sources = {paths: [flags['map-path'] ?? MAP_PATH], urls: url === null ? [] : [url]}
    return {text: renderConfig(sources, head), warnings: []}
  }
  const container = containerOptions(flags)
  const parts = deployedNodes(map, flags.node, output).map(([region, node]) =>
    renderDeployment(output, node, relayOptions(flags, node, region), container, head),
  )
  return {text: parts.map(({text}) => text).join('\n'), warnings: parts.flatMap(({warnings}) => warnings)}
}

/** Warnings about a source with their positions, and those about the result that the source does not have. */
function sourceWarnings(source: LoadedSource | null, result: readonly Finding[]): string[] {
  const own = source?.findings ?? []
  // A path in JSON differs from the one in YAML in upper and lower case only.
  const known = new Set(own.map(({code, path}) => `${code} ${path.toLowerCase()}`))
  const rest = result.filter(({code, path}) => !known.has(`${code} ${path.toLowerCase()}`))
  return [
    ...(source?.warnings ?? []),
    ...own.map(
      ({place: {file, line, column}, message, reason, fix}) =>
        `${file}:${line}:${column}: ${message}. ${reason}. ${fix}`,
    ),
    ...rest.map(({path, message, reason}) => `${path}: ${message}. ${reason}`),
  ]
}

function header(command: readonly string[]): string[] {
  return [`Made by: ${['headscale-ts', ...command.map(withoutPassword).map(shellWord)].join(' ')}`]
}

/** An argument without the user and password of a URL. Other text stays: a pin looks like a key, but is not secret. */
function withoutPassword(word: string): string {
  return word.includes('://') ? redact(word).replaceAll('[secret]@', '') : word
}

/** The URL of the default map when headscale itself can fetch it: none of its regions is excluded. */
function defaultUrl(flags: RenderFlags): string | null {
  const target = flags['with-default']
  return target !== undefined && /^https?:\/\//i.test(target) && flags.exclude === undefined ? target : null
}

async function presetOf(flags: RenderFlags, cwd: string): Promise<Preset | null> {
  const {domain = null, ip = null, home = null, port = null} = flags
  if (domain === null && ip === null && home === null) return null
  return {
    ...{domain, ip, home, port},
    stunPort: flags['stun-port'] ?? null,
    pin: await pinFrom(flags, domain ?? home, cwd),
    insecureForTests: flags['insecure-for-tests'] === true,
  }
}

function regionId(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text))
    throw usageError(`invalid region id "${text}" in --exclude`, 'for example --exclude 1,2')
  return Number(text)
}

function deployedNodes(map: DerpMap, names: string[] | undefined, format: DeployFormat): [DerpRegion, DerpNode][] {
  const all = nodeEntries(map)
  const available = all.map(([, {name}]) => name).join(', ')
  const missing = names?.find((name) => !all.some(([, node]) => node.name === name))
  if (missing !== undefined && /[/=]/.test(missing)) {
    throw usageError(`invalid --node "${missing}": expected the name of a node`, 'to add a node, use --add-node')
  }
  if (missing !== undefined) throw usageError(`node "${missing}" not found in the map`, `its nodes are ${available}`)
  const chosen = names === undefined ? all : all.filter(([, {name}]) => names.includes(name))
  if (chosen.length > 1 && (format === 'compose' || format === 'systemd')) {
    throw usageError(
      `-o ${format} is for one relay, and the map has ${chosen.length}`,
      `choose one with --node: ${available}`,
    )
  }
  if (chosen.length === 0) throw usageError('the map has no node to run', 'give --domain, --ip, --home or --add-node')
  return chosen
}
