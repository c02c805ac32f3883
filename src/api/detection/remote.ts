/**
 * Which release answers at an address: by the API description it serves without a key. The 0.30 tree has OpenAPI 3.1
 * under /api/v1, earlier releases a swagger document; its paths and fields are those of the release.
 */
import {HeadscaleError} from '../../errors.ts'
import {type ReleaseGroupId, releaseGroupByEvidence} from '../releases.ts'
import {OPERATIONS, REST_ROOT} from '../operations.ts'
import type {HttpTransport, RawReply} from '../transport/http/http-transport.ts'

interface Swagger {
  paths?: Record<string, Record<string, {parameters?: {name?: string}[]}>>
  definitions?: Record<string, {properties?: Record<string, unknown>}>
}

/** The group, and the exact version where the server tells it (`/version`, 0.27+). */
export interface RemoteFinding {
  group: ReleaseGroupId
  version: string | null
}

/** @throws HeadscaleError (unreachable) when what answers there is not headscale */
export async function detectRemote(http: HttpTransport, where: string): Promise<RemoteFinding> {
  const [openapi, swagger, version] = await Promise.all([
    http.get(`${REST_ROOT}/openapi.json`),
    http.get('/swagger/v1/openapiv2.json'),
    http.get('/version').catch(() => null),
  ])
  const exact = version && readVersion(version)
  if (readJson(openapi)?.openapi) return {group: '0.30', version: exact}
  const document = readJson(swagger) as Swagger | null
  const group = document?.paths ? groupBySwagger(document) : null
  if (group) return {group, version: exact}
  throw notHeadscale(swagger, where)
}

function groupBySwagger({paths = {}, definitions = {}}: Swagger): ReleaseGroupId | null {
  const operations = Object.values(OPERATIONS)
  return releaseGroupByEvidence({
    hasMethod: (rpc) =>
      operations.some(({rpc: name, method, path}) => name === rpc && paths[REST_ROOT + path]?.[method.toLowerCase()]),
    hasField: (message, field) =>
      message === 'PreAuthKey'
        ? 'aclTags' in (definitions.v1PreAuthKey?.properties ?? {})
        : (paths[`${REST_ROOT}${OPERATIONS.ExpireNode.path}`]?.post?.parameters ?? []).some(({name}) => name === field),
  })
}

/** Other releases answer this path with anything from 404 to a web page, so only the right JSON counts. */
function readVersion(reply: RawReply): string | null {
  const version = readJson(reply)?.version
  return typeof version === 'string' && version !== '' ? version.replace(/^v/, '') : null
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

function notHeadscale({status, contentType, text}: RawReply, where: string): HeadscaleError {
  const page = /html/.test(contentType ?? '') || /^\s*<(!doctype|html)/i.test(text)
  const what = page ? `a web page (HTML, status ${status})` : `status ${status}, and no API description`
  return new HeadscaleError('unreachable', `${where} answers, but not as headscale does: ${what}`, {
    hint: "give the address in headscale's server_url; a proxy in front must pass /api and /swagger on",
    details: {status},
  })
}
