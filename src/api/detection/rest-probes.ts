/**
 * Which release answers over REST, where a proxy passes the API on and not its description: by which calls it has.
 *
 * Each probe is a request that no release can carry out: an id that is not a number, or a body that is cut short. The
 * gateway reads both before it calls anything, and answers 400 for a call it has, 404 or 501 for one it has not. The
 * others are plain reads. All need the API key, so they are sent only where a proxy seems to filter paths, and after a
 * first one that headscale has on every release. Seen on headscale 0.17.1 to 0.29.3.
 */
import {type PROBED_METHODS, type ReleaseGroupId, releaseGroupByEvidence} from '../releases.ts'
import {REST_ROOT} from '../operations.ts'
import type {HttpTransport, RawReply} from '../transport/http/http-transport.ts'

/** The request that shows each method that releaseGroupByEvidence asks for. */
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

/** Whether an answer to a request for the description can come from a proxy that does not pass it on. */
export function isFiltered({status}: RawReply): boolean {
  return status === 403 || status === 404 || status === 405
}

/**
 * @returns the group; null when no call of headscale is there
 * @throws HeadscaleError when the key is rejected, or a proxy answers instead
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
    // What only the description tells: 0.16 or 0.17 (a bare key ends that one), 0.27.0 or later (an expiry ends nodes
    // of that one). The careful answer for each.
    hasField: (message) => message === 'PreAuthKey',
  })
}

/** Whether the gateway has the call, by its answer; 'other' for an answer that is not the gateway's. */
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
