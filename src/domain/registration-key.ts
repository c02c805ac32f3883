/**
 * The key a client prints when it asks to join, in the forms people paste it and the forms releases take it.
 *
 * Releases 0.17 to 0.22 end their own process when debug create-node gets a key of another form, and later ones
 * answer with riddles, so nothing is sent that does not have exactly the form of the release.
 * Source of the forms: api.go v0.15.0 and v0.16.4, machine.go v0.17.1, hscontrol/grpcv1.go v0.23.0,
 * hscontrol/types/common.go v0.25.1 and v0.29.2.
 */
import {usageError} from '../errors.ts'

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
 * Finds the key in what a person pasted: the key itself, the URL the client printed (`…/register?key=K`,
 * `…/register/K`), or the whole line from the page behind it. White space inside is removed, since terminals wrap
 * the guide's key over two lines.
 * @returns what looks like the key; its form is not checked here
 */
export function extractRegistrationKey(pasted: string): string {
  const line = pasted.match(/--(?:key|auth-id)[\s=]+(.+?)(?=\s+-|$)/s)
  const text = (line?.[1] ?? pasted).replace(/\s+/g, '')
  const url = text.match(/[?&]key=([^&#]+)/) ?? text.match(/\/(?:register|auth)\/([^/?#]+)\/?(?:[?#].*)?$/)
  const key = url?.[1] ?? text
  return key.replace(/^["']|["']$/g, '')
}

/**
 * The key in the form the server takes.
 * @param forms what the release at hand accepts; bare digits get the prefix of the first form that has one
 * @throws HeadscaleError (usage) naming the form that is wanted; the key itself is not repeated
 */
export function normalizeRegistrationKey(pasted: string, forms: readonly RegistrationKeyForm[]): string {
  const key = extractRegistrationKey(pasted)
  const prefixed = FORMS.hex.pattern.test(key) ? [`nodekey:${key}`, `mkey:${key}`] : []
  for (const candidate of [key, ...prefixed]) {
    if (forms.some((form) => FORMS[form].pattern.test(candidate))) return candidate
  }
  const wanted = forms.map((form) => FORMS[form].shown).join(', or ')
  throw usageError(
    `this is no registration key of this server: it takes ${wanted}`,
    'paste the key, the URL that `tailscale up` printed, or the whole line from the page behind it',
  )
}

/** Makes up a key of the given form, as a client would present it. */
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
