/**
 * Detects the release over HTTP from the API description, which servers return without a key. 0.30 has an OpenAPI 3.1
 * document under /api/v1, earlier releases a Swagger document with the paths and fields of that release.
 * If a proxy blocks the description, rest-probes.ts probes the calls themselves.
 */
import {HeadscaleError} from '../../errors.ts'
import {type ReleaseGroupId, releaseGroupByEvidence} from '../releases.ts'
import {OPERATIONS, REST_ROOT} from '../operations.ts'
import {ADDRESS_HINT} from '../transport/http/http-errors.ts'
import type {HttpTransport, RawReply} from '../transport/http/http-transport.ts'

interface OpenApi {
  openapi?: unknown
  info?: {version?: unknown}
}

interface Swagger {
  paths?: Record<string, Record<string, {parameters?: {name?: string}[]}>>
  definitions?: Record<string, {properties?: Record<string, unknown>}>
}

/** The group, and the exact version where the server reports it (`/version`, 0.27+). */
export interface HttpFinding {
  group: ReleaseGroupId
  version: string | null
}

/**
 * @param deadline when to give up, in the time of `performance.now()`
 * @throws HeadscaleError (unreachable) if the server is not headscale
 */
export async function detectByDescription(http: HttpTransport, where: string, deadline: number): Promise<HttpFinding> {
  const [openapi, swagger, version] = await Promise.all([
    http.get(`${REST_ROOT}/openapi.json`, deadline),
    http.get('/swagger/v1/openapiv2.json', deadline),
    http.get('/version', deadline).catch(() => null),
  ])
  const openApiDocument = readJson(openapi) as OpenApi | null
  const document = readJson(swagger) as Swagger | null
  const hasOpenApi = Boolean(openApiDocument?.openapi)
  const group = hasOpenApi || document?.paths ? groupByDescription(hasOpenApi, document ?? {}) : null
  if (group) return {group, version: (version && readVersion(version)) ?? versionOfDescription(openApiDocument)}
  const {detectByProbes, isFiltered} = await import('./rest-probes.ts')
  if (!isFiltered(openapi) && !isFiltered(swagger)) throw notHeadscale(http, swagger, where)
  const probed = await detectByProbes(http, deadline)
  if (!probed) throw notHeadscale(http, swagger, where)
  return {group: probed, version: version && readVersion(version)}
}

function groupByDescription(hasOpenApi: boolean, {paths = {}, definitions = {}}: Swagger): ReleaseGroupId | null {
  const operations = Object.values(OPERATIONS)
  return releaseGroupByEvidence({
    hasOpenApi,
    hasMethod: (rpc) =>
      operations.some(({rpc: name, method, path}) => name === rpc && paths[REST_ROOT + path]?.[method.toLowerCase()]),
    hasField: (message, field) =>
      message === 'PreAuthKey'
        ? 'aclTags' in (definitions.v1PreAuthKey?.properties ?? {})
        : (paths[`${REST_ROOT}${OPERATIONS.ExpireNode.path}`]?.post?.parameters ?? []).some(({name}) => name === field),
  })
}

/** Older releases return 404 or a web page for this path, so only the expected JSON counts. */
function readVersion(reply: RawReply): string | null {
  return versionText(readJson(reply)?.version)
}

/** The version in an OpenAPI document. So far it is `v1`, the version of the API and not of the server. */
function versionOfDescription(document: OpenApi | null): string | null {
  const version = versionText(document?.info?.version)
  return version !== null && version.includes('.') ? version : null
}

/** Only a short word is accepted, since it is shown and stored in a file of words. */
function versionText(version: unknown): string | null {
  return typeof version === 'string' && /^[\w.+-]{1,80}$/.test(version) ? version.replace(/^v/, '') : null
}

function readJson({status, contentType, text}: RawReply): Record<string, unknown> | null {
  if (status !== 200 || !/json/.test(contentType ?? '')) return null
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The error for a proxy, a login or a web page if the reply looks like one; otherwise for another kind of server. */
function notHeadscale(http: HttpTransport, reply: RawReply, where: string): HeadscaleError {
  const {status, contentType, text} = reply
  const isPage = /html/i.test(contentType) || /^\s*<(!doctype|html)/i.test(text)
  if (isPage || ![200, 404, 405].includes(status)) return http.explain(reply)
  return new HeadscaleError('unreachable', `expected headscale at ${where}, got another server (HTTP ${status})`, {
    hint: ADDRESS_HINT,
    details: {httpStatus: status},
  })
}
