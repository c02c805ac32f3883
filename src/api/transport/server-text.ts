/**
 * Makes text that came from a server or a proxy fit for an error message: one line, no terminal escapes, of
 * bearable length, and without API keys, wherever they were echoed from.
 */

const MOST = 1000

/** Secrets by their look: a Bearer header, keys since 0.25 and 0.28, OAuth keys of 0.30, a URL's user and password. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)(\s+|%20)[^\s"',;<>]+/gi, '$1 [secret]'],
  [/\bhskey-(api|auth|client|oauthtok)-[\w-]+/g, 'hskey-$1-[secret]'],
  [/\/\/[^\s/@]+@/g, '//[secret]@'],
]

/** @param apiKey the key in use, which is taken out in whatever form it stands there; null when there is none */
export function cleanText(text: string, apiKey: string | null = null): string {
  let clean = text
  if (apiKey) for (const form of formsOf(apiKey)) clean = clean.replaceAll(form, '[secret]')
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
  clean = clean.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return clean.length > MOST ? `${clean.slice(0, MOST)}…` : clean
}

/** As it is, as a URL has it, and as Basic authorisation or a log may have it. */
function formsOf(key: string): string[] {
  return [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')]
}
