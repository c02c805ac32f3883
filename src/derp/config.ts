/**
 * The `derp:` block of headscale's config.yaml: which sources a server reads, and its embedded relay.
 *
 * Only what headscale itself reads there, with places and findings, release by release (hscontrol/types/config.go).
 * Viper, which reads the file for headscale, knows keys in any case. The environment of the service (`HEADSCALE_DERP_…`)
 * can override all of it and is not seen here. Map files and URLs are named, not read.
 */
import {dirname, isAbsolute, resolve} from 'node:path'

import {Findings} from './finding.ts'
import {createNode, createRegion} from './map.ts'
import {goBool, goInt, isNull} from './scalars.ts'
import type {Finding} from './finding.ts'
import type {DerpRegion} from './map.ts'
import type {Behaviour} from './releases.ts'
import type {Document, Place, Tree} from './tree.ts'

/** A source as config.yaml names it. */
export interface NamedSource {
  kind: 'paths' | 'urls'
  /** As written. */
  target: string
  place: Place
}

export interface DerpConfig {
  file: string
  /** In the order of the file, paths and urls each. */
  sources: NamedSource[]
  /** The region of the embedded relay that headscale adds last; null without one. */
  embedded: {region: DerpRegion; place: Place} | null
  findings: Finding[]
}

const DERP_KEYS = ['urls', 'paths', 'auto_update_enabled', 'update_frequency', 'server']
const SERVER_KEYS = ['enabled', 'region_id', 'region_code', 'region_name', 'stun_listen_addr', 'stun']
/** Since 0.23 and, the last one, 0.27. */
const NEWER_SERVER_KEYS = ['private_key_path', 'ipv4', 'ipv6', 'automatically_add_embedded_derp_region']

/** Whether a document is a headscale configuration rather than a map. */
export function isConfig({root}: Document): boolean {
  return ['derp', 'server_url', 'listen_addr', 'noise', 'database'].some((key) => get(root, key) !== null)
}

/** Reads the block from a parsed file. */
export function decodeConfig({root}: Document, behaviour: Behaviour): DerpConfig {
  const findings = new Findings()
  const derp = get(root, 'derp')
  const sources = [...list(derp, 'paths', findings), ...list(derp, 'urls', findings)]
  reportUnknownKeys(derp, DERP_KEYS, 'derp', findings)
  checkUrls(sources, behaviour, findings)
  checkUpdates(derp, behaviour, findings)
  const embedded = readEmbedded(root, get(derp, 'server'), sources, behaviour, findings)
  if (sources.length === 0 && embedded === null) {
    const fatal = behaviour.emptyMap === 'fatal'
    findings[fatal ? 'error' : 'warning']('empty-map', derp?.place ?? root.place, 'derp', {
      message: 'Neither derp.urls nor derp.paths names a source, and no embedded relay is on',
      reason: fatal
        ? 'headscale does not start without a DERP region'
        : 'headscale starts with a warning, and clients have no relay',
      fix: 'Name a map file under derp.paths or a URL under derp.urls',
    })
  }
  return {file: root.place.file, sources, embedded, findings: findings.list}
}

/** Where the file behind a path may be: headscale takes it from its working directory, which only it knows. */
export function pathCandidates(config: string, target: string, cwd: string): string[] {
  if (isAbsolute(target)) return [target]
  return [...new Set([resolve(cwd, target), resolve(cwd, dirname(config), target)])]
}

/** A value by key in any case, null when it is absent or null. */
function get(tree: Tree | null, key: string): Tree | null {
  if (tree?.kind !== 'map') return null
  const value = tree.entries.findLast((entry) => entry.key.text.toLowerCase() === key)?.value
  return value === undefined || isNull(value) ? null : value
}

function textOf(tree: Tree | null): string {
  return tree?.kind === 'scalar' ? tree.text : ''
}

/** Viper takes quoted booleans and numbers too. */
function boolOf(tree: Tree | null, otherwise: boolean): boolean {
  if (tree?.kind !== 'scalar') return otherwise
  if (tree.text === '1') return true
  return goBool({...tree, style: 'plain'}).value ?? otherwise
}

function list(derp: Tree | null, kind: 'paths' | 'urls', findings: Findings): NamedSource[] {
  const tree = get(derp, kind)
  if (tree === null) return []
  if (tree.kind === 'scalar') {
    // Viper splits a text at white space.
    return tree.text
      .split(/\s+/)
      .filter(Boolean)
      .map((target) => ({kind, target, place: tree.place}))
  }
  if (tree.kind === 'list') {
    return tree.items.filter((item) => !isNull(item)).map((item) => ({kind, target: textOf(item), place: item.place}))
  }
  findings.error('wrong-type', tree.place, `derp.${kind}`, {
    message: `derp.${kind} is a map`,
    reason: 'headscale reads no source from it',
    fix: 'Write a list',
  })
  return []
}

function reportUnknownKeys(tree: Tree | null, known: readonly string[], path: string, findings: Findings): void {
  if (tree?.kind !== 'map') return
  for (const {key} of tree.entries) {
    if (known.includes(key.text.toLowerCase())) continue
    findings.warning('unknown-key', key.place, `${path}.${key.text}`, {
      message: `headscale reads no key '${path}.${key.text}'`,
      reason: 'It is passed over without a word',
      fix: `Delete it, or use one of ${known.join(', ')}`,
    })
  }
}

function checkUrls(sources: readonly NamedSource[], behaviour: Behaviour, findings: Findings): void {
  for (const {kind, target, place} of sources) {
    if (kind !== 'urls' || /^https?:\/\/[^\s/]/i.test(target)) continue
    // A word without scheme parses as a URL and fails when it is fetched; a control character does not parse.
    const fate =
      behaviour.badUrl === 'panic'
        ? 'headscale panics or fails when it fetches it'
        : 'headscale skips it or fails when it fetches it'
    findings.error('bad-url', place, 'derp.urls', {
      message: `'${target}' is no http or https URL`,
      reason: fate,
      fix: 'Write a URL here, and file names under derp.paths',
    })
  }
}

function checkUpdates(derp: Tree | null, behaviour: Behaviour, findings: Findings): void {
  const frequency = get(derp, 'update_frequency')
  const auto = boolOf(get(derp, 'auto_update_enabled'), false)
  if (frequency === null) return
  const text = textOf(frequency)
  const path = 'derp.update_frequency'
  if (/^[-+]?[0-9.]+[a-zµ]/.test(text) && !/^[-+]?0+[a-zµ]*$/.test(text)) return
  if (/^[-+]?0*[a-zµ]*$/.test(text) && text !== '') {
    if (!auto || behaviour.zeroUpdateFrequency === 'off') return
    return findings.error('zero-update-frequency', frequency.place, path, {
      message: 'update_frequency is 0, with auto_update_enabled',
      reason: 'headscale before 0.24.1 panics at start',
      fix: 'Write a duration such as 3h, or switch auto_update_enabled off',
    })
  }
  if (/^[-+]?[0-9.]+$/.test(text)) {
    const remark = {
      message: `update_frequency is ${text}, without a unit`,
      reason: auto
        ? 'headscale takes it for nanoseconds and reloads the map thousands of times a second'
        : 'headscale takes it for nanoseconds, which will count once auto_update_enabled is on',
      fix: `Write a unit, such as ${text}h`,
    }
    return findings[auto ? 'error' : 'warning']('update-frequency', frequency.place, path, remark)
  }
  findings.error('update-frequency', frequency.place, path, {
    message: `update_frequency '${text}' is no duration`,
    reason: 'headscale reads 0',
    fix: 'Write a duration such as 3h',
  })
}

function readEmbedded(
  root: Tree,
  server: Tree | null,
  sources: readonly NamedSource[],
  behaviour: Behaviour,
  findings: Findings,
): DerpConfig['embedded'] {
  if (server === null) return null
  const newer = behaviour.embeddedHasOwnKey ? NEWER_SERVER_KEYS : []
  reportUnknownKeys(
    server,
    [...SERVER_KEYS, ...newer, ...(behaviour.embeddedVerifies ? ['verify_clients'] : [])],
    'derp.server',
    findings,
  )
  if (!boolOf(get(server, 'enabled'), false)) return null

  const error = (code: string, tree: Tree | null, key: string, message: string, reason: string, fix: string) =>
    findings.error(code, (tree ?? server).place, `derp.server.${key}`, {message, reason, fix})
  const stun = textOf(get(server, 'stun_listen_addr'))
  if (stun === '') {
    error(
      'embedded-stun',
      null,
      'stun_listen_addr',
      'The embedded relay has no stun_listen_addr',
      'headscale does not start without it',
      'Add stun_listen_addr: 0.0.0.0:3478',
    )
  }
  if (behaviour.embeddedHasOwnKey) checkEmbeddedKey(root, server, error)
  if (!behaviour.embeddedVerifies) {
    findings.warning('embedded-open', server.place, 'derp.server', {
      message: `The embedded relay of headscale ${behaviour.release} admits everybody`,
      reason: 'verify_clients exists from 0.27 on',
      fix: 'Update headscale, or run derper with -verify-clients',
    })
  }
  const region = embeddedRegion(root, server, stun, behaviour, error)
  if (behaviour.embeddedHasOwnKey && !boolOf(get(server, 'automatically_add_embedded_derp_region'), true)) {
    if (!sources.some(({kind}) => kind === 'paths')) {
      const key = 'automatically_add_embedded_derp_region'
      error(
        'embedded-not-added',
        get(server, key),
        key,
        `${key} is false, and derp.paths is empty`,
        'headscale does not start: nothing would tell clients about the relay',
        'Name a map file under derp.paths, or delete the key',
      )
    }
    return null
  }
  return {region, place: (get(server, 'region_id') ?? server).place}
}

type Report = (code: string, tree: Tree | null, key: string, message: string, reason: string, fix: string) => void

function checkEmbeddedKey(root: Tree, server: Tree, error: Report): void {
  const key = get(server, 'private_key_path')
  if (key === null) {
    error(
      'embedded-key',
      null,
      'private_key_path',
      'The embedded relay has no private_key_path',
      'headscale does not start without it',
      'Add private_key_path: /var/lib/headscale/derp_server_private.key',
    )
  } else if (textOf(key) === textOf(get(get(root, 'noise'), 'private_key_path'))) {
    error(
      'embedded-key',
      key,
      'private_key_path',
      'derp.server.private_key_path is the noise key',
      'headscale refuses to use one key for both',
      'Name another file; headscale makes the key',
    )
  }
}

/** The region as headscale makes it (hscontrol/derp/server, GenerateRegion). */
function embeddedRegion(root: Tree, server: Tree, stun: string, behaviour: Behaviour, error: Report): DerpRegion {
  const idTree = get(server, 'region_id')
  const regionId = idTree?.kind === 'scalar' ? (goInt({...idTree, style: 'plain'}, 'yaml').value ?? 0) : 0
  if (regionId < 1 || regionId > 65535) {
    error(
      'region-id-range',
      idTree,
      'region_id',
      `The embedded region's id is ${regionId}`,
      'Clients take only ids from 1 to 65535',
      'Write region_id: 999',
    )
  }
  const url = URL.parse(textOf(get(root, 'server_url')))
  if (url !== null && url.protocol !== 'https:') {
    const tree = get(root, 'server_url')
    error(
      'embedded-http',
      tree,
      'enabled',
      'The embedded relay is on, and server_url is not https',
      'Clients speak TLS to a relay whatever server_url says, so none can use it',
      'Serve headscale over https, or switch derp.server off',
    )
  }
  const stunPort = Number(/:([0-9]{1,5})$/.exec(stun)?.[1] ?? 0)
  const node = createNode({
    name: String(regionId),
    regionId,
    hostName: (url?.hostname ?? '').replace(/^\[(.*)\]$/, '$1'),
    stunPort,
  })
  node.derpPort = Number(url?.port) || (url?.protocol === 'http:' ? 80 : 443)
  if (behaviour.embeddedHasOwnKey) {
    node.ipv4 = textOf(get(server, 'ipv4'))
    node.ipv6 = textOf(get(server, 'ipv6'))
  }
  return createRegion({
    regionId,
    regionCode: textOf(get(server, 'region_code')),
    regionName: textOf(get(server, 'region_name')),
    nodes: [node],
  })
}
