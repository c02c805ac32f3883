/**
 * Makes text from a server or a proxy safe for an error message: one line, limited in length, without terminal control
 * characters, without the API key in use in any encoding, and without text that looks like another secret.
 */
import {redact} from '../../text/secrets.ts'
import {singleLine} from '../../text/untrusted.ts'

/** The maximum length of a message, in characters. */
const MAX_LENGTH = 1000

/** @param apiKey the key in use; null if there is none */
export function cleanText(text: string, apiKey: string | null = null): string {
  let clean = text
  if (apiKey) for (const form of formsOf(apiKey)) clean = clean.replaceAll(form, '[secret]')
  clean = singleLine(redact(clean))
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean
}

/** The key as it is, percent-encoded, and in base64 (with or without padding) as in Basic authorization. */
function formsOf(key: string): string[] {
  return [key, encodeURIComponent(key), Buffer.from(key).toString('base64').replace(/=+$/, '')]
}
