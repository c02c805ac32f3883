/**
 * The embedded relay of a headscale configuration: what is wrong with its settings, and the region it becomes.
 *
 * As hscontrol/derp/server does it (GenerateRegion) and hscontrol/types/config.go checks it, release by release.
 */
import {booleanOf} from './boolean.ts'
import {reportUnknownKeys} from './unknown-keys.ts'
import {createNode, createRegion} from '../map.ts'
import {goInt} from '../../syntax/go-scalars.ts'
import {viperBool, viperGet, viperText} from '../../syntax/viper.ts'
import type {Findings} from '../../diagnostics/finding.ts'
import type {DerpRegion} from '../map.ts'
import type {Behaviour} from '../releases.ts'
import type {Place, Tree} from '../../syntax/tree.ts'

const SERVER_KEYS = ['enabled', 'region_id', 'region_code', 'region_name', 'stun_listen_addr', 'stun']
/** Since 0.23; `verify_clients` came with 0.27. */
const NEWER_SERVER_KEYS = ['private_key_path', 'ipv4', 'ipv6', 'automatically_add_embedded_derp_region']

/** What headscale makes of `derp.server`. */
export interface EmbeddedRelay {
  /** Null where the relay is on, and headscale does not tell clients about it. */
  region: DerpRegion | null
  place: Place
}

/**
 * Reads `derp.server`.
 *
 * @param hasPaths whether `derp.paths` names a file
 * @returns null where the relay is off
 */
export function readEmbedded(
  root: Tree,
  server: Tree | null,
  hasPaths: boolean,
  behaviour: Behaviour,
  findings: Findings,
): EmbeddedRelay | null {
  if (server === null) return null
  const newer = behaviour.embeddedHasOwnKey ? NEWER_SERVER_KEYS : []
  const known = [...SERVER_KEYS, ...newer, ...(behaviour.embeddedVerifies ? ['verify_clients'] : [])]
  reportUnknownKeys(server, known, 'derp.server', findings)
  const bool = (key: string, byDefault: boolean, effect: string) =>
    booleanOf(server, key, `derp.server.${key}`, byDefault, effect, behaviour, findings)
  if (!bool('enabled', false, 'so the embedded relay is off')) return null

  const error: Report = (code, tree, key, message, reason, fix) =>
    findings.error(code, (tree ?? server).place, `derp.server.${key}`, {message, reason, fix})
  const stun = viperText(viperGet(server, 'stun_listen_addr'))
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
  const verifies = behaviour.embeddedVerifies && bool('verify_clients', true, 'so every client can use the relay')
  if (!behaviour.embeddedVerifies) {
    findings.warning('embedded-open', server.place, 'derp.server', {
      message: `The embedded relay of headscale ${behaviour.release} accepts every client`,
      reason: 'verify_clients exists from headscale 0.27 on',
      fix: 'Update headscale, or run derper with -verify-clients',
    })
  } else if (!verifies && viperBool(viperGet(server, 'verify_clients'), true, behaviour).invalid === null) {
    findings.warning('embedded-open', (viperGet(server, 'verify_clients') ?? server).place, 'derp.server', {
      message: 'verify_clients is false, so the embedded relay accepts every client',
      reason: 'Anybody who knows its address can send traffic through it',
      fix: 'Delete the key, or write verify_clients: true',
    })
  }
  const region = embeddedRegion(root, server, stun, behaviour, error)
  const place = (viperGet(server, 'region_id') ?? server).place
  const key = 'automatically_add_embedded_derp_region'
  const effect = 'so headscale does not tell clients about the embedded relay'
  if (!behaviour.embeddedHasOwnKey || bool(key, true, effect)) return {region, place}
  if (!hasPaths) {
    error(
      'embedded-not-added',
      viperGet(server, key),
      key,
      `${key} is false, and derp.paths is empty`,
      'headscale does not start: no source tells clients about the relay',
      'Name a map file under derp.paths, or delete the key',
    )
  }
  return {region: null, place}
}

type Report = (code: string, tree: Tree | null, key: string, message: string, reason: string, fix: string) => void

function checkEmbeddedKey(root: Tree, server: Tree, error: Report): void {
  const key = viperGet(server, 'private_key_path')
  if (key === null) {
    error(
      'embedded-key',
      null,
      'private_key_path',
      'The embedded relay has no private_key_path',
      'headscale does not start without it',
      'Add private_key_path: /var/lib/headscale/derp_server_private.key',
    )
  } else if (viperText(key) === viperText(viperGet(viperGet(root, 'noise'), 'private_key_path'))) {
    error(
      'embedded-key',
      key,
      'private_key_path',
      'derp.server.private_key_path is the noise key',
      'headscale does not accept one key for both',
      'Name another file; headscale creates the key',
    )
  }
}

/** The region as headscale makes it (hscontrol/derp/server, GenerateRegion). */
function embeddedRegion(root: Tree, server: Tree, stun: string, behaviour: Behaviour, error: Report): DerpRegion {
  const idTree = viperGet(server, 'region_id')
  const regionId = idTree?.kind === 'scalar' ? (goInt({...idTree, style: 'plain'}, 'yaml').value ?? 0) : 0
  if (regionId < 1 || regionId > 65535) {
    error(
      'region-id-range',
      idTree,
      'region_id',
      `The id of the embedded region is ${regionId}`,
      'Clients accept only ids from 1 to 65535',
      'Write region_id: 999',
    )
  }
  const url = URL.parse(viperText(viperGet(root, 'server_url')))
  if (url !== null && url.protocol !== 'https:') {
    const tree = viperGet(root, 'server_url')
    error(
      'embedded-http',
      tree,
      'enabled',
      'The embedded relay is enabled, and server_url is not https',
      'Clients always use TLS with a relay, so none can use this one',
      'Serve headscale over https, or set derp.server.enabled to false',
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
    node.ipv4 = viperText(viperGet(server, 'ipv4'))
    node.ipv6 = viperText(viperGet(server, 'ipv6'))
  }
  return createRegion({
    regionId,
    regionCode: viperText(viperGet(server, 'region_code')),
    regionName: viperText(viperGet(server, 'region_name')),
    nodes: [node],
  })
}
