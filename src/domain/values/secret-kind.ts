/**
 * Recognizes keys of headscale and Tailscale by their form, so that one in the wrong place gets an error that names the
 * right command, before anything is sent. No message repeats the key.
 *
 * Forms: `hskey-…` since 0.28 (0.29 for registration keys, 0.30 for OAuth clients). Before that a pre-auth key is 48
 * hexadecimal digits and an API key PREFIX.SECRET. 64 digits can be keys of several kinds and are not recognized.
 */
import {type HeadscaleError, usageError} from '../../errors.ts'

export type SecretKind =
  | 'pre-auth key'
  | 'API key'
  | 'registration key'
  | 'node key'
  | 'OAuth client secret'
  | 'key of the Tailscale service'

const FORMS: readonly [RegExp, SecretKind][] = [
  [/^hskey-authreq-/, 'registration key'],
  [/^hskey-auth-/, 'pre-auth key'],
  [/^hskey-api-/, 'API key'],
  [/^hskey-client-/, 'OAuth client secret'],
  [/^tskey-/, 'key of the Tailscale service'],
  [/^(?:nodekey|mkey|discokey):/, 'node key'],
  [/^[0-9a-f]{48}$/, 'pre-auth key'],
  [/^[\w-]{7,12}\.[\w-]{32,}=?$/, 'API key'],
]

/** What kind of key a text is, or begins like; null if that cannot be told. */
export function secretKind(text: string): SecretKind | null {
  return FORMS.find(([form]) => form.test(text))?.[1] ?? null
}

/** The kind with its article: `an API key`. */
export function withArticle(kind: SecretKind): string {
  return `${/^[AO]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** Where a key is expected: the kind, and what the command does with it. */
export type Expected = {kind: 'registration key'} | {kind: 'pre-auth key' | 'API key'; verb: 'expire' | 'delete'}

/** Rejects a key of another kind. @throws HeadscaleError (usage), without the key */
export function rejectOtherKey(text: string, expected: Expected): void {
  const found = secretKind(text)
  if (found === null || found === expected.kind) return
  // Up to 0.24, a pending node is registered by its node key or machine key.
  if (found === 'node key' && expected.kind === 'registration key') return
  throw wrongKey(found, expected)
}

function wrongKey(found: SecretKind, expected: Expected): HeadscaleError {
  return usageError(`this is ${withArticle(found)}, not ${withArticle(expected.kind)}`, hintFor(found, expected))
}

/** What to do with a key that was given as the name of a node or user; null if it does not look like a key. */
export function keyHint(text: string): string | null {
  const found = secretKind(text)
  return found === null ? null : `this looks like ${withArticle(found)}; ${hintFor(found, null)}`
}

function hintFor(found: SecretKind, expected: Expected | null): string {
  const verb = expected !== null && 'verb' in expected ? expected.verb : 'expire'
  switch (found) {
    case 'pre-auth key':
      return expected?.kind === 'registration key'
        ? 'use it on the client, which then needs no registration: tailscale up --auth-key KEY'
        : `for a pre-auth key: headscale-ts preauthkeys ${verb} KEY`
    case 'API key':
      return expected?.kind === 'registration key'
        ? 'it gives access to the server: pass it with --api-key-file, or in HEADSCALE_CLI_API_KEY'
        : `for an API key: headscale-ts apikeys ${verb} KEY`
    case 'registration key':
      return 'it registers a pending node: headscale-ts nodes register --user USER --key KEY'
    case 'node key':
      return 'it registers a pending node up to headscale 0.24: headscale-ts nodes register --user USER --key KEY'
    case 'OAuth client secret':
      return 'it belongs to an OAuth client: headscale-ts oauth-clients list'
    case 'key of the Tailscale service':
      return 'headscale does not know it: manage it in the admin console of Tailscale'
  }
}
