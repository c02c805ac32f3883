/**
 * The embedded relay of a headscale configuration: what is wrong with its settings, and the region it becomes.
 *
 * As hscontrol/derp/server does it (GenerateRegion) and hscontrol/types/config.go checks it, release by release.
 */
import {boolOf, get, reportUnknownKeys, textOf} from './viper.ts'
import {createNode, createRegion} from '../map.ts'
import {goInt} from '../../syntax/go-scalars.ts'
import type {DerpConfig, NamedSource} from './config.ts'
import type {Findings} from '../../diagnostics/finding.ts'
import type {DerpRegion} from '../map.ts'
import type {Behaviour} from '../releases.ts'
import type {Tree} from '../../syntax/tree.ts'

const SERVER_KEYS = ['enabled', 'region_id', 'region_code', 'region_name', 'stun_listen_addr', 'stun']
/** Since 0.23 and, the last one, 0.27. */
const NEWER_SERVER_KEYS = ['private_key_path', 'ipv4', 'ipv6', 'automatically_add_embedded_derp_region']

/** Null where there is none, or where clients are not told of it. */
export function readEmbedded(
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
