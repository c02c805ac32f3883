/**
 * Keeps secrets out of messages.
 *
 * Users pass a key by mistake instead of a file name, a node or a format, and servers and proxies echo requests. An
 * error that repeats the key puts it into terminals, CI logs and bug reports. So all text that a message quotes passes
 * through here. Only the form of a text is checked: this file does not know the key in use.
 */

/** Replaces a secret. */
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
  // A password that contains a slash, but not a port followed by a path.
  [/\/\/[^\s/:@]+:(?!\d+\/)[^\s@]*@/g, `//${MASK}@`],
]

/** The text without anything that looks like a secret. */
export function redact(text: string): string {
  let safe = text
  for (const [pattern, replacement] of SECRETS) safe = safe.replace(pattern, replacement)
  return safe
}

/** Whether a word looks like an API key, a pre-auth key or another secret. */
export function looksSecret(word: string): boolean {
  return redact(word) !== word
}
