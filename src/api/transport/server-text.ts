/**
 * Makes text that came from a server or a proxy fit for an error message: one line, nothing a terminal obeys, of
 * bearable length, and without the API key in use, in whatever form it was echoed. What looks like any other secret
 * is taken out too.
 */
import {redact} from '../../text/secrets.ts'
import {singleLine} from '../../text/untrusted.ts'

/** Characters of a message that are shown. */
const MAX_LENGTH = 1000

/** @param apiKey the key in use; null when there is none */
export function cleanText(text: string, apiKey: string | null = null): string {
  let clean = text
  if (apiKey) for (const form of formsOf(apiKey)) clean = clean.replaceAll(form, '[secret]')
  clean = singleLine(redact(clean))
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean
}

/** As it is, as a URL has it, and in base64 as Basic authorization or a log may have it, padded or not. */
function formsOf(key: string): string[] {
  return [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')]
}
