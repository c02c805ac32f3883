/**
 * An error on its way out: to stderr in the format that was asked for, and to an exit status.
 * Text is one line for what happened and one for what to do; `-o json` gives one object. Anything that is not a
 * HeadscaleError is a defect of this program and says so; its stack is shown under DEBUG only.
 */
import {type ErrorCode, HeadscaleError} from '../errors.ts'
import type {ErrorDocument} from '../render/document/schemas.ts'
import {redact} from '../text/secrets.ts'
import {singleLine} from '../text/untrusted.ts'
import type {Io} from './io.ts'

export const OUTPUT_FORMATS = ['json', 'json-line', 'yaml'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** The output format argv asks for, found without parsing it: errors of the parser obey it too. */
export function formatFromArgv(argv: readonly string[]): OutputFormat | null {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  let found: string | undefined
  words.forEach((word, i) => {
    if (word === '-o' || word === '--output') found = words[i + 1]
    else if (word.startsWith('--output=')) found = word.slice('--output='.length)
    else if (/^-o=?[a-z]/.test(word)) found = word.replace(/^-o=?/, '')
  })
  return OUTPUT_FORMATS.find((format) => format === found) ?? null
}

/** What to do where the error itself does not say: the words are then the server's own, which knows no hints. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  'already-exists': 'choose another name, or use what is there already',
  'not-found': 'see what is there with the list command of its kind',
  'invalid-input': "these are the server's words; its log may say more",
  'bad-reply': 'is there a proxy in between, or a headscale newer than this program?',
  failed: "these are the server's words; its log may say more",
  'needs-confirmation': 'run it again and answer with y, or add --force',
}

/** Writes the error to stderr. @returns the exit status */
export async function reportError(error: unknown, io: Io, format: OutputFormat | null): Promise<number> {
  const known = error instanceof HeadscaleError ? error : defect(error)
  const hint = known.hint ?? HINTS[known.code] ?? null
  if (format === null) {
    io.err(`error: ${singleLine(redact(known.message))}\n`)
    if (hint) io.err(`hint: ${singleLine(redact(hint))}\n`)
  } else {
    const {message, code, exitCode, details} = known
    const document: ErrorDocument = {error: {...details, code, exitCode, message, hint}}
    const {formatDocument} = await import('../render/document/format.ts')
    io.err(await formatDocument(withoutSecrets(document), format))
  }
  if (io.env.DEBUG) showStack(error, io)
  return known.exitCode
}

function defect(error: unknown): HeadscaleError {
  const message = error instanceof Error ? error.message : String(error)
  return new HeadscaleError('failed', `this is a defect of headscale-ts: ${message}`, {
    cause: error,
    hint: 'run it again with DEBUG=1 for the details and report them',
  })
}

/** A secret that was given where something else belongs, or that a server echoed, is not repeated in any format. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]))
}

function showStack(error: unknown, io: Io): void {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    io.err(`${depth > 0 ? 'caused by ' : ''}${cause.stack ?? cause.message}\n`)
  }
}
