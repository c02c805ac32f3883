/**
 * The key that a client prints when it asks to join: how users pass it, and the forms that each release accepts.
 *
 * Releases 0.17 to 0.22 crash when debug create-node gets a key in another form, and later ones answer with errors that
 * do not name the problem, so a key is sent only in the exact form of the release.
 * Source of the forms: api.go v0.15.0 and v0.16.4, machine.go v0.17.1, hscontrol/grpcv1.go v0.23.0,
 * hscontrol/types/common.go v0.25.1 and v0.29.2.
 */
import {usageError} from '../../errors.ts'
import {rejectOtherKey} from './secret-kind.ts'

/**
 * Forms of a registration key: `hex` 0.15–0.16 · `nodekey` 0.17–0.22 · `mkey` 0.23–0.24 ·
 * `registration-id` 0.25–0.28 · `auth-id` 0.29 and later.
 */
export type RegistrationKeyForm = 'hex' | 'nodekey' | 'mkey' | 'registration-id' | 'auth-id'

const FORMS: Record<RegistrationKeyForm, {pattern: RegExp; shown: string}> = {
  hex: {pattern: /^[0-9a-f]{64}$/, shown: '64 hexadecimal digits'},
  nodekey: {pattern: /^nodekey:[0-9a-f]{64}$/, shown: 'nodekey: and 64 hexadecimal digits'},
  mkey: {pattern: /^mkey:[0-9a-f]{64}$/, shown: 'mkey: and 64 hexadecimal digits'},
  'registration-id': {pattern: /^[A-Za-z0-9_-]{24}$/, shown: '24 letters, digits, - or _'},
  'auth-id': {pattern: /^hskey-authreq-[A-Za-z0-9_-]{24}$/, shown: 'hskey-authreq- and 24 letters, digits, - or _'},
}

/**
 * Finds the key in user input: the key itself, the URL that the client printed (`…/register?key=K`, `…/register/K`),
 * or the command line from the page at that URL. White space is removed, since terminals wrap long keys.
 * @returns the text that looks like the key; its form is not checked here
 */
export function extractRegistrationKey(rawKey: string): string {
  const line = rawKey.match(/--(?:key|auth-id)[\s=]+(.+?)(?=\s+-|$)/s)
  const text = (line?.[1] ?? rawKey).replace(/\s+/g, '')
  const url = text.match(/[?&]key=([^&#]+)/) ?? text.match(/\/(?:register|auth)\/([^/?#]+)\/?(?:[?#].*)?$/)
  const key = url?.[1] ?? text
  return key.replace(/^["']|["']$/g, '')
}

/** Rejects a key that no release registers a node with, before the release is known. @throws HeadscaleError (usage) */
export function checkRegistrationKey(rawKey: string): void {
  rejectOtherKey(extractRegistrationKey(rawKey), {kind: 'registration key'})
}

/**
 * The key in the form that the server accepts.
 * @param forms what the release accepts; bare digits get the prefix of the first form that has one
 * @throws HeadscaleError (usage) naming the accepted forms; the key itself is not repeated
 */
export function normalizeRegistrationKey(rawKey: string, forms: readonly RegistrationKeyForm[]): string {
  const key = extractRegistrationKey(rawKey)
  const accepted = (candidate: string) => forms.some((form) => FORMS[form].pattern.test(candidate))
  const other = alternatives(key).find(accepted)
  if (accepted(key)) return key
  if (other !== undefined) return other
  rejectOtherKey(key, {kind: 'registration key'})
  const expected = forms.map((form) => FORMS[form].shown).join(', or ')
  throw usageError(
    `invalid registration key: expected ${expected}`,
    'use the key, the URL that `tailscale up` printed, or the whole line from the page behind it',
  )
}

/** Other forms of the same key: with the prefix of hexadecimal keys, or without the prefix that web pages add. */
function alternatives(key: string): string[] {
  if (FORMS.hex.pattern.test(key)) return [`nodekey:${key}`, `mkey:${key}`]
  const bare = key.replace(/^(?:mkey|nodekey):/, '')
  return bare !== key && FORMS['registration-id'].pattern.test(bare) ? [bare] : []
}

/** Makes a random key in the given form. */
export function makeRegistrationKey(form: RegistrationKeyForm): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const id = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => alphabet[byte & 63]).join('')
  switch (form) {
    case 'hex':
      return hex
    case 'nodekey':
      return `nodekey:${hex}`
    case 'mkey':
      return `mkey:${hex}`
    case 'registration-id':
      return id
    case 'auth-id':
      return `hskey-authreq-${id}`
  }
}
