/**
 * Keeps secrets out of messages.
 *
 * People give a key where a file name, a node or a format belongs, and servers and proxies echo what they were sent.
 * An error that repeats it puts the key into terminals, CI logs and bug reports. So whatever is quoted in a message
 * passes through here. Only the look of a text counts: this file knows no key that is in use.
 */

/** Shown in place of a secret. */
const MASK = '[secret]'

/**
 * What secrets look like inside a text: an Authorization header, keys of headscale 0.28 and later and of Tailscale,
 * `PREFIX.SECRET` (API keys up to 0.27), 48 or 64 hex digits on their own (pre-auth keys up to 0.27, private and node
 * keys), the user and password of a URL.
 * A node key or a pin with its prefix (`nodekey:`, `sha256-raw:`) is public, and so is the id of a pending request.
 */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)(\s+|%20)[^\s"',;<>]+/gi, `$1 ${MASK}`],
  [/\b(hs|ts)key-(?!authreq-)([a-z]+)-[\w-]{8,}/g, `$1key-$2-${MASK}`],
  [/\bprivkey:[0-9a-f]+/gi, `privkey:${MASK}`],
  [/(?<![\w.-])[\w-]{7,12}\.[\w-]{32,}(?![\w-]|\.\w)/g, MASK],
  [/(?<![\w:-])[0-9a-f]{48}(?:[0-9a-f]{16})?(?![\w-])/gi, MASK],
  [/\/\/[^\s/]*@/g, `//${MASK}@`],
  // A password with a slash in it; a port with a path behind it is none.
  [/\/\/[^\s/:@]+:(?!\d+\/)[^\s@]*@/g, `//${MASK}@`],
]

/** The text without what looks like a secret in it. */
export function redact(text: string): string {
  let safe = text
  for (const [pattern, replacement] of SECRETS) safe = safe.replace(pattern, replacement)
  return safe
}

/** Whether a word that was given for something else looks like an API key, a pre-auth key or another secret. */
export function looksSecret(word: string): boolean {
  return redact(word) !== word
}
