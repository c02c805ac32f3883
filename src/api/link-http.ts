/** Connects to a server over HTTP: to its REST API at an address, or to the same API on the unix socket of 0.30. */
import type {ServerTarget} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import {type Finding, addressKey, recall, remember} from './detection/cache.ts'
import {type ConnectHost, type Link, notHeadscale, releaseLine} from './link.ts'
import {findReleaseGroup} from './releases.ts'
import type {HttpOptions} from './transport/http/http-transport.ts'

interface HttpPlan {
  /** The cache key; null if nothing can be cached. */
  key: string | null
  /** The cached finding to use; null to detect the release. */
  known: Finding | null
  /** When detection gives up, in the time of `performance.now()`. */
  deadline: number
  via: string
  host: ConnectHost
}

/** @throws HeadscaleError if nothing answers, or another server does */
export async function linkHttp(options: HttpOptions, {key, known, deadline, via, host}: HttpPlan): Promise<Link> {
  const {httpTransport} = await import('./transport/http/http-transport.ts')
  const {checkedTransport, transportToRemembered} = await import('./transport/checked-transport.ts')
  const http = await httpTransport({...options, trace: host.trace})
  try {
    const {detectByDescription} = await import('./detection/api-description.ts')
    const finding = known ?? (await detectByDescription(http, options.describe, deadline))
    const group = findReleaseGroup(finding.group)
    if (!group) throw notHeadscale(options.describe)
    host.trace?.(releaseLine(group, finding.version, known === null ? 'detected' : 'remembered'))
    const link = {group, version: finding.version, via}
    const checked = checkedTransport(http, async (operation, reply) =>
      (await import('./dialects/shared/schemas.ts')).faultOf(operation, reply),
    )
    if (known === null) {
      remember(key, finding, host)
      return {...link, transport: checked, remembered: false}
    }
    const {isOfOtherRelease} = await import('./detection/stale-release.ts')
    const fits = async (reply: Promise<unknown>) => !isOfOtherRelease(await reply, group.capabilities)
    return {...link, transport: transportToRemembered(checked, fits), remembered: true}
  } catch (error) {
    http.close()
    throw error
  }
}

export async function linkAddress(target: ServerTarget & {kind: 'remote'}, host: ConnectHost): Promise<Link> {
  const {url, apiKey, insecure, caFile, timeoutMs} = target
  const isGrpcPort = url.port === GRPC_PORT
  const base = isGrpcPort ? withoutPort(url) : url
  if (isGrpcPort) host.trace?.(`port ${GRPC_PORT} is for gRPC; using ${base.origin}`)
  const key = addressKey(base)
  const known = host.readsOnly ? recall(key, host) : null
  const deadline = performance.now() + timeoutMs
  try {
    return await linkHttp(
      {base, apiKey, insecure, caFile, timeoutMs, describe: base.origin},
      {key, known, deadline, via: base.href.replace(/\/$/, ''), host},
    )
  } catch (error) {
    throw isGrpcPort && error instanceof HeadscaleError ? wrongPort(error, base) : error
  }
}

/** headscale's port for remote gRPC. This program uses the REST API, which is on another port. */
const GRPC_PORT = '50443'

function withoutPort(url: URL): URL {
  const base = new URL(url)
  base.port = ''
  return base
}

function wrongPort(error: HeadscaleError, base: URL): HeadscaleError {
  return new HeadscaleError(error.code, error.message, {
    cause: error,
    hint: `port ${GRPC_PORT} is headscale's gRPC port, so ${base.origin} was tried instead; use the address in its server_url`,
    details: error.details,
  })
}
