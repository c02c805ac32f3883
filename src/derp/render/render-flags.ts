/**
 * The flags of `derp render` as typed: which fit together, and the options they make.
 *
 * A flag that would have no effect is rejected. This matters most for flags that restrict a relay: a user who asks for a
 * restricted relay must not get an open one.
 */
import {isIP} from 'node:net'

import {usageError} from '../../errors.ts'
import {derpPortOf} from '../map.ts'
import {DEFAULT_IMAGE} from './containers.ts'
import {DEPLOY_FORMATS} from './deploy.ts'
import {DEFAULT_CERT_DIR} from './relay-settings.ts'
import {verifyUrl} from './verify-url.ts'
import type {ContainerOptions} from './containers.ts'
import type {DeployFormat} from './deploy.ts'
import type {Admission, RelayOptions} from './relay-settings.ts'
import type {DerpNode, DerpRegion} from '../map.ts'

export const RENDER_FORMATS = ['yaml', 'json', 'config', ...DEPLOY_FORMATS] as const
export type RenderFormat = (typeof RENDER_FORMATS)[number]

/** Flags as typed. */
export interface RenderFlags {
  output: RenderFormat
  region?: string[] | undefined
  'add-node'?: string[] | undefined
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
  node?: string[] | undefined
  'cert-mode'?: string | undefined
  'cert-dir'?: string | undefined
  listen?: string | undefined
  serve?: string | undefined
  'verify-clients'?: boolean | undefined
  'tailscaled-socket'?: string | undefined
  'verify-client-url'?: string | undefined
  'verify-client-url-fail-open'?: boolean | undefined
  'mesh-key-file'?: string | undefined
  'mesh-with'?: string[] | undefined
  'home-page'?: string | undefined
  'tcp-keepalive-time'?: string | undefined
  'tcp-user-timeout'?: string | undefined
  'tcp-write-timeout'?: string | undefined
  image?: string | undefined
  'host-network'?: boolean | undefined
  'container-user'?: string | undefined
}

type FlagName = keyof RenderFlags

/** Flags of derper that are passed on as they are. */
const TCP_FLAGS = ['tcp-keepalive-time', 'tcp-user-timeout', 'tcp-write-timeout'] as const
const CONTAINER_FLAGS = ['image', 'host-network', 'container-user'] as const
const DEPLOY_FLAGS = [
  ...(['node', 'cert-mode', 'cert-dir', 'listen', 'serve', 'verify-clients', 'tailscaled-socket'] as const),
  ...(['verify-client-url', 'verify-client-url-fail-open', 'mesh-key-file', 'mesh-with', 'home-page'] as const),
  ...TCP_FLAGS,
  ...CONTAINER_FLAGS,
] as const
const PRESET_FLAGS = ['port', 'stun-port', 'pin', 'cert', 'fetch-pin', 'insecure-for-tests'] as const
/** Flags that have an effect only together with another one. */
const NEEDS: readonly [FlagName, FlagName][] = [
  ['tailscaled-socket', 'verify-clients'],
  ['verify-client-url-fail-open', 'verify-client-url'],
  ['mesh-with', 'mesh-key-file'],
]

export function isDeployment(format: RenderFormat): format is DeployFormat {
  return (DEPLOY_FORMATS as readonly string[]).includes(format)
}

/**
 * Refuses flags that do not fit together.
 *
 * @throws a usage error
 */
export function checkFlags(flags: RenderFlags): void {
  const given = (flag: FlagName) => flags[flag] !== undefined && flags[flag] !== false
  const deploy = DEPLOY_FLAGS.find(given)
  if (deploy !== undefined && !isDeployment(flags.output)) {
    throw usageError(
      `--${deploy} has no effect with -o ${flags.output}: it configures derper`,
      'use -o derper, docker, compose or systemd',
    )
  }
  const container = CONTAINER_FLAGS.find(given)
  if (container !== undefined && flags.output !== 'docker' && flags.output !== 'compose') {
    throw usageError(`--${container} has no effect with -o ${flags.output}`, 'use -o docker or -o compose')
  }
  const preset = PRESET_FLAGS.find(given)
  if (preset !== undefined && !given('domain') && !given('ip') && !given('home')) {
    throw usageError(
      `--${preset} needs --domain, --ip or --home`,
      'with --add-node, write it there: --add-node 900/900a,host=…,port=12345',
    )
  }
  if (given('map-path') && flags.output !== 'config')
    throw usageError(`--map-path has no effect with -o ${flags.output}`, 'use -o config')
  for (const [flag, other] of NEEDS) {
    if (given(flag) && !given(other)) throw usageError(`--${flag} needs --${other}`, `add --${other}`)
  }
  if (given('verify-clients') && given('verify-client-url')) {
    throw usageError('--verify-clients and --verify-client-url exclude each other', 'use one of them')
  }
  const pins = (['pin', 'cert', 'fetch-pin'] as const).filter(given)
  if (pins.length > 1)
    throw usageError(`${pins.map((flag) => `--${flag}`).join(' and ')} exclude each other`, 'use one of them')
}

/** The settings of derper, except the other relays of the region. */
export function relayOptions(flags: RenderFlags, node: DerpNode, region: DerpRegion): RelayOptions {
  const mode = flags['cert-mode']
  const keyFile = flags['mesh-key-file']
  return {
    certMode: mode === 'manual' || mode === 'letsencrypt' ? mode : null,
    certDir: flags['cert-dir'] ?? DEFAULT_CERT_DIR,
    listen: flags.listen === undefined ? null : parseListen(flags.listen),
    serve: flags.serve === 'relay' || flags.serve === 'stun' ? flags.serve : 'both',
    admission: admissionOf(flags),
    homePage: flags['home-page'] === undefined ? null : parseHomePage(flags['home-page']),
    mesh: keyFile === undefined ? null : {keyFile, with: flags['mesh-with'] ?? otherRelays(node, region)},
    extraFlags: TCP_FLAGS.flatMap((flag) => {
      const value = flags[flag]
      return value === undefined ? [] : [[`-${flag}`, goDuration(flag, value)] as [string, string]]
    }),
  }
}

export function containerOptions(flags: RenderFlags): ContainerOptions {
  const user = flags['container-user'] ?? null
  if (user !== null && !/^\d{1,10}(?::\d{1,10})?$/.test(user)) {
    throw usageError(`invalid --container-user "${user}"`, 'write numbers: UID or UID:GID, for example 1000:1000')
  }
  return {image: flags.image ?? DEFAULT_IMAGE, hostNetwork: flags['host-network'] === true, user}
}

function admissionOf(flags: RenderFlags): Admission {
  if (flags['verify-clients'] === true) return {kind: 'tailscaled', socket: flags['tailscaled-socket'] ?? null}
  const url = flags['verify-client-url']
  if (url === undefined) return {kind: 'anybody'}
  return {kind: 'headscale', url: verifyUrl(url), failOpen: flags['verify-client-url-fail-open'] === true}
}

/** `ADDRESS:PORT`, `[IPv6]:PORT` or `:PORT`. */
function parseListen(text: string): {address: string | null; port: number} {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const address = match?.[1] ?? match?.[2] ?? ''
  const valid = match !== null && port >= 1 && port <= 65_535
  if (valid && (address === '' ? match[1] === undefined : isIP(address) === (match[1] === undefined ? 4 : 6))) {
    return {address: address === '' ? null : address, port}
  }
  throw usageError(`invalid --listen "${text}"`, 'expected ADDRESS:PORT or :PORT, for example 127.0.0.1:8443')
}

function parseHomePage(text: string): string {
  if (text === 'blank' || /^https?:\/\/[^\s/@]+(?:\/\S*)?$/.test(text)) return text
  throw usageError(`invalid --home-page "${text}"`, 'expected blank, or a URL to redirect to')
}

/** A duration as Go reads it, which derper does: hours are the largest unit. */
function goDuration(flag: string, text: string): string {
  if (/^(?:0|(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|ns))+)$/.test(text)) return text
  throw usageError(`invalid --${flag} "${text}"`, 'expected a duration such as 10m, 15s or 500ms')
}

/** The other relays of the region, as derper's -mesh-with takes them. */
function otherRelays(node: DerpNode, region: DerpRegion): string[] {
  return region.nodes
    .filter((other) => other !== node && !other.stunOnly && other.hostName !== '')
    .map((other) => {
      const host = isIP(other.hostName) === 6 ? `[${other.hostName}]` : other.hostName
      return derpPortOf(other) === 443 ? host : `${host}:${derpPortOf(other)}`
    })
}
