/**
 * Detects the release over REST by the calls it has, for proxies that forward the API but not its description.
 *
 * A probe is a request that no release can execute: an id that is not a number, or an incomplete body. The gateway
 * parses both before it calls anything; it answers 400 for an existing call, 404 or 501 for a missing one. The other
 * probes are plain reads. All need the API key, so they are sent only if a proxy seems to filter paths, and only after
 * a call that every release has. Observed on headscale 0.17.1 to 0.29.3.
 */
import {type PROBED_METHODS, type ReleaseGroupId, releaseGroupByEvidence} from '../releases.ts'
import {REST_ROOT} from '../operations.ts'
import type {HttpTransport, RawReply} from '../transport/http/http-transport.ts'

/** The probe for each method that releaseGroupByEvidence uses. */
const PROBES: Readonly<Record<(typeof PROBED_METHODS)[number], readonly ['GET' | 'POST' | 'DELETE', string]>> = {
  AuthRegister: ['POST', '/auth/register'],
  DeletePreAuthKey: ['DELETE', '/preauthkey?id=-'],
  Health: ['GET', '/health'],
  SetApprovedRoutes: ['POST', '/node/-/approve_routes'],
  ListNodes: ['GET', '/node/-'],
  GetUser: ['GET', '/user/-'],
  DeleteRoute: ['DELETE', '/routes/-'],
  ListUsers: ['GET', '/user'],
  GetRoutes: ['GET', '/routes'],
  SetTags: ['POST', '/machine/-/tags'],
  ListNamespaces: ['GET', '/namespace'],
}

/** Whether a reply to the request for the description can come from a proxy that blocks it. */
export function isFiltered({status}: RawReply): boolean {
  return status === 403 || status === 404 || status === 405
}

/**
 * @returns the group; null if the server has no call of headscale
 * @throws HeadscaleError if the key is rejected, or a proxy answers instead
 */
export async function detectByProbes(http: HttpTransport, deadline: number): Promise<ReleaseGroupId | null> {
  const found = new Set<string>()
  let hasProblems = false
  const first = await http.probe({method: 'GET', path: `${REST_ROOT}/apikey`, body: null}, deadline)
  if (callOf(first) === 'absent' || first.status === 404) return null
  if (callOf(first) === 'other') throw http.explain(first)
  await Promise.all(
    Object.entries(PROBES).map(async ([rpc, [method, path]]) => {
      const reply = await http.probe({method, path: REST_ROOT + path, body: method === 'POST' ? '{' : null}, deadline)
      if (/^application\/problem\+json/i.test(reply.contentType)) hasProblems = true
      if (callOf(reply) === 'exists') found.add(rpc)
    }),
  )
  return releaseGroupByEvidence({
    hasOpenApi: hasProblems,
    hasMethod: (rpc) => found.has(rpc),
    // Only the description distinguishes 0.16 from 0.17 (which crashes on a key without a prefix) and 0.27.0 from
    // 0.27.1 (0.27.0 ignores the time and expires a node at once). The safe assumption for each: 0.17 and 0.27.0.
    hasField: (message) => message === 'PreAuthKey',
  })
}

/** Whether the gateway has the call, judged by its reply; 'other' for a reply from something else. */
function callOf({status, contentType, text}: RawReply): 'exists' | 'absent' | 'other' {
  if (!/^application\/(problem\+)?json/i.test(contentType)) return 'other'
  let body: {code?: unknown; message?: unknown} | null
  try {
    body = JSON.parse(text) as typeof body
  } catch {
    return 'other'
  }
  if (body === null || typeof body !== 'object') return 'other'
  if (status === 401) return 'other'
  if (body.code === 12 || (body.code === 5 && body.message === 'Not Found')) return 'absent'
  if (contentType.includes('problem') && (status === 404 || status === 405)) return 'absent'
  return status < 500 || typeof body.code === 'number' ? 'exists' : 'other'
}
