/**
 * Single sign-on: the discovery document of the provider, as headscale reads it at its start, and the address that must be
 * registered there. No login is tried.
 */
import {HeadscaleError} from '../../errors.ts'
import {displayName} from '../../derp/read/url.ts'
import {cleanText} from '../../api/transport/server-text.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'
import type {ServerConfig} from '../server-config.ts'

const LIMIT = 262_144
const FETCH_MS = 10_000
/** An address with a port that it would have anyway. */
const DEFAULT_PORT = /^(?:https:\/\/[^/]*:443|http:\/\/[^/]*:80)(?:\/|$)/i
const REASON = 'headscale does not start, or starts without single sign-on'

export async function checkOidc(config: ServerConfig | null): Promise<Verdict> {
  if (config === null) return skipped('no config file of the server')
  const issuer = config.settings.text('oidc.issuer')
  if (issuer === '') return skipped('not configured (oidc.issuer)')
  const {readSource} = await import('../../derp/read/read.ts')
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const serverUrl = config.settings.text('server_url')
  const redirect = `${displayName(serverUrl.replace(/\/$/, ''))}/oidc/callback`
  const target = displayName(issuer)
  const verdict = (seen: string, ...problems: Problem[]): Verdict => ({target, seen, problems})
  let reply
  try {
    reply = await readSource(url, {maxBytes: LIMIT, timeout: FETCH_MS})
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    return verdict(
      'the provider does not answer',
      error('oidc-unreachable', [
        `The provider does not answer: ${cause.message}`,
        REASON,
        'Check oidc.issuer, and that this machine reaches the provider; a private authority must be trusted by the system',
      ]),
    )
  }
  const document = parseObject(reply.text)
  if (reply.status !== 200 || document === null) {
    return verdict(
      `HTTP ${reply.status}, no discovery document`,
      error('oidc-discovery', [
        `${displayName(url)} is no discovery document (HTTP ${reply.status})`,
        REASON,
        'Correct oidc.issuer: the URL of the provider without /.well-known/openid-configuration',
      ]),
    )
  }
  const found = document['issuer']
  if (found !== issuer) {
    const shown = typeof found === 'string' ? cleanText(found) : 'none'
    return verdict(
      'another issuer',
      error('oidc-issuer', [
        `The provider says that its issuer is ${shown}, and ${config.path} says ${target}`,
        `${REASON}: both must be equal, also in a slash at the end`,
        `Write oidc.issuer: ${shown}`,
      ]),
    )
  }
  const seen = `the provider answers; redirect URI to register: ${redirect}`
  if (DEFAULT_PORT.test(serverUrl)) {
    return verdict(
      seen,
      warning('oidc-redirect', [
        `server_url contains the default port, and so does the redirect URI that headscale sends: ${redirect}`,
        'The provider compares the text, and rejects logins if the URI is registered without the port',
        'Remove the port from server_url, and register the URI without it',
      ]),
    )
  }
  return verdict(seen)
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
