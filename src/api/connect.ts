/**
 * From a configured server to a ControlApi: transport, release, dialect. The only place where the three meet.
 *
 * The release is found by what the server answers and kept for a short time (detection/cache.ts). What was remembered
 * for an address is used only for calls that change nothing: before a change the server is asked again, since some
 * requests do harm on a release they were not meant for.
 */
import type {ServerTarget, Source} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import type {ControlApi} from './control-api.ts'
import {type CacheHost, type Finding, addressKey, recall, remember, socketKey} from './detection/cache.ts'
import {createControlApi} from './dialects/index.ts'
import {type ReleaseGroup, findReleaseGroup} from './releases.ts'
import {dryRunTransport} from './transport/dry-run.ts'
import type {Transport} from './transport/transport.ts'

export interface ConnectHost extends CacheHost {
  /** Let nothing change: the first call that would ends with DryRunEnd. */
  dryRun?: boolean
  /** The command only reads, so a remembered release will do for an address. */
  readsOnly?: boolean
}

export interface Connection {
  api: ControlApi
  /** The release was not asked for now, but remembered of an address, which may have another server since. */
  remembered: boolean
  close(): void
}

interface Link {
  transport: Transport
  remembered?: boolean
  group: ReleaseGroup
  version: string | null
  via: string
}

/** @throws HeadscaleError (unreachable, permission-denied, timeout …) with the reason and what to do */
export async function connect(target: ServerTarget, host: ConnectHost): Promise<Connection> {
  const link = target.kind === 'socket' ? linkSocket(target, host) : linkAddress(target, host)
  const {transport, remembered = false, group, version, via} = await link
  const guarded = host.dryRun ? dryRunTransport(transport) : transport
  const api = createControlApi(guarded, group, {via, version, now: host.now})
  return {api, remembered, close: () => transport.close()}
}

async function linkSocket(target: ServerTarget & {kind: 'socket'}, host: ConnectHost): Promise<Link> {
  const {path, timeoutMs, source} = target
  const describe = `the socket ${path}`
  const {dialSocket} = await import('./transport/os-errors.ts')
  const socket = await dialSocket(path, timeoutMs).catch((error: unknown) => {
    throw error instanceof HeadscaleError ? withSource(error, source) : error
  })
  const key = socketKey(path)
  const known = recall(key, host)
  const {speaksFirst, detectByMethods} = await import('./detection/socket.ts')
  if (known ? known.group === '0.30' : !(await speaksFirst(socket))) {
    socket.destroy()
    return linkHttpSocket(target, key, host)
  }
  const {openGrpcConnection} = await import('./transport/grpc/connection.ts')
  const {grpcTransport} = await import('./transport/grpc/grpc-transport.ts')
  const {loadMessageSet} = await import('./messages.ts')
  const connection = openGrpcConnection(socket, {timeoutMs, describe})
  try {
    const group = findReleaseGroup(known?.group ?? (await detectByMethods(connection)) ?? '')
    if (!group?.messageSet) throw notHeadscale(describe)
    if (!known) remember(key, {group: group.id, version: null}, host)
    const transport = grpcTransport(connection, await loadMessageSet(group.messageSet))
    return {transport, group, version: null, via: `gRPC on ${path}`}
  } catch (error) {
    connection.close()
    throw error
  }
}

/** HTTP on the socket: the 0.30 tree, or no headscale at all. */
async function linkHttpSocket(
  target: ServerTarget & {kind: 'socket'},
  key: string | null,
  host: ConnectHost,
): Promise<Link> {
  const {path, timeoutMs} = target
  const describe = `the socket ${path}`
  return linkHttp(
    {
      base: new URL('http://local/'),
      apiKey: null,
      socketPath: path,
      insecure: false,
      caFile: null,
      timeoutMs,
      describe,
    },
    {key, known: recall(key, host), via: `HTTP on ${path}`, host},
  )
}

async function linkAddress(target: ServerTarget & {kind: 'remote'}, host: ConnectHost): Promise<Link> {
  const {url, apiKey, insecure, caFile, timeoutMs} = target
  const gatewayPort = url.port === GRPC_PORT
  const base = gatewayPort ? withoutPort(url) : url
  const key = addressKey(base)
  const known = host.readsOnly ? recall(key, host) : null
  try {
    return await linkHttp(
      {base, apiKey, insecure, caFile, timeoutMs, describe: base.origin},
      {key, known, via: base.href.replace(/\/$/, ''), host},
    )
  } catch (error) {
    throw gatewayPort && error instanceof HeadscaleError ? wrongPort(error, base) : error
  }
}

type HttpOptions = Parameters<typeof import('./transport/http/http-transport.ts').httpTransport>[0]
interface LinkPlan {
  key: string | null
  known: Finding | null
  via: string
  host: ConnectHost
}

async function linkHttp(options: HttpOptions, {key, known, via, host}: LinkPlan): Promise<Link> {
  const {httpTransport} = await import('./transport/http/http-transport.ts')
  const {checkedTransport} = await import('./checked-transport.ts')
  const http = await httpTransport(options)
  try {
    const {detectRemote} = await import('./detection/remote.ts')
    const finding = known ?? (await detectRemote(http, options.describe))
    const group = findReleaseGroup(finding.group)
    if (!group) throw notHeadscale(options.describe)
    if (!known) remember(key, finding, host)
    const remembered = known !== null && options.socketPath === undefined
    return {
      transport: checkedTransport(http, remembered ? group.capabilities : null),
      remembered,
      group,
      version: finding.version,
      via,
    }
  } catch (error) {
    http.close()
    throw error
  }
}

/** headscale's own remote port speaks gRPC; this program speaks to the REST gateway beside it. */
const GRPC_PORT = '50443'

function withoutPort(url: URL): URL {
  const base = new URL(url)
  base.port = ''
  return base
}

function wrongPort(error: HeadscaleError, base: URL): HeadscaleError {
  return new HeadscaleError(error.code, error.message, {
    cause: error,
    hint: `port ${GRPC_PORT} is headscale's gRPC port, so ${base.origin} was tried instead; give the address in its server_url`,
    details: error.details,
  })
}

function notHeadscale(describe: string): HeadscaleError {
  return new HeadscaleError('unreachable', `${describe} answers, but it is not headscale`, {
    hint: 'check the address; headscale-ts speaks to headscale 0.15 and later',
  })
}

/** Says where the server was named, so that `version` can tell "none here" from "not the one you named". */
function withSource(error: HeadscaleError, source: Source): HeadscaleError {
  return new HeadscaleError(error.code, error.message, {
    ...(error.hint ? {hint: error.hint} : {}),
    cause: error.cause,
    details: {...error.details, source},
  })
}
