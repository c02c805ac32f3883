/**
 * Formats an error as two lines or as an object: what happened, and what to do.
 *
 * Anything that is not a HeadscaleError is reported as an internal error. Secrets and control characters are removed
 * here, since messages quote user input and replies of servers and proxies.
 */
import {type ErrorCode, HeadscaleError} from '../../errors.ts'
import type {ErrorDocument} from '../../render/document/schemas.ts'
import {redact} from '../../text/secrets.ts'
import {singleLine} from '../../text/untrusted.ts'

/** Hints for errors without one; their message comes from the server. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  'already-exists': 'use another name, or use the existing one',
  'not-found': 'check what exists with the list command of the same group',
  'invalid-input': 'message from the server; see its log',
  'bad-reply': 'check for a proxy in between, or a headscale release that is newer than this program',
  failed: 'message from the server; see its log',
  'needs-confirmation': 'run the command again and answer y, or add --force',
}

/** Converts any error to a HeadscaleError. */
export function toHeadscaleError(error: unknown): HeadscaleError {
  if (error instanceof HeadscaleError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new HeadscaleError('failed', `internal error: ${message}`, {
    cause: error,
    hint: 'this is a bug in headscale-ts; run the command again with DEBUG=1 and report the output',
  })
}

/** `error: …` and, if there is a hint, `hint: …`. */
export function errorLines(error: HeadscaleError): string[] {
  const hint = hintOf(error)
  const lines = [`error: ${singleLine(redact(error.message))}`]
  if (hint !== null) lines.push(`hint: ${singleLine(redact(hint))}`)
  return lines
}

/** @param stack set if DEBUG is set */
export function errorDocument(error: HeadscaleError, warnings: string[], stack: string[] | null): ErrorDocument {
  const {message, code, exitCode, details} = error
  const fields = {...details, code, exitCode, message, hint: hintOf(error), warnings, ...(stack && {stack})}
  return withoutSecrets({error: fields}) as ErrorDocument
}

function hintOf({hint, code}: HeadscaleError): string | null {
  return hint ?? HINTS[code] ?? null
}

/** Removes secrets, which can be in user input or in a server's message, from all formats. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]))
}
