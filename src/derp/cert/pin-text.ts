/**
 * A pin in the notations that people have: that of the map, and those of openssl and sha256sum for the same digest.
 *
 * Only the SHA-256 of the whole certificate is a pin. Digests of a public key (`sha256/BASE64`) and SHA-1 fingerprints
 * are other values, and are not accepted.
 */

/** What comes before the digits: `sha256-raw:`, `sha256:`, `sha256 Fingerprint=`, `SHA2-256(x.der)= `, `(stdin)= `. */
const PREFIX = /^(?:sha(?:2-)?256(?:-raw:|:|\s+fingerprint\s*=\s*|\([^)]*\)\s*=\s*)|\(stdin\)\s*=\s*)/i
const DIGEST = /^[0-9a-f]{2}(?::?[0-9a-f]{2}){31}$/i
/** What sha256sum adds: two spaces, or a space and an asterisk, and the file name. */
const FILE_NAME = /\s+\*?\S+$/

/** Accepted notations, for messages. */
export const PIN_NOTATIONS = 'sha256-raw:HEX, 64 hex digits, or the line that openssl x509 -fingerprint -sha256 prints'

/** The 64 digits of a pin in lower case; null when the text is not a pin. */
export function parsePin(text: string): string | null {
  const trimmed = text.trim()
  const bare = PREFIX.test(trimmed) ? trimmed.replace(PREFIX, '') : trimmed.replace(FILE_NAME, '')
  return DIGEST.test(bare) ? bare.replaceAll(':', '').toLowerCase() : null
}
