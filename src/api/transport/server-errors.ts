/**
 * What headscale's own words mean. It answers most refusals with gRPC code 2 (HTTP 500 over REST), so that only the
 * message tells a missing user from a name that is taken. Both transports ask this one table.
 *
 * The message shown is the server's own; only raw database text is put into words. Texts: the server's sources at the
 * tags v0.15.0 to v0.29.2, and hscontrol/api/v1/errors.go of the 0.30 tree.
 */
import type {ErrorCode} from '../../errors.ts'

export interface Refusal {
  code: ErrorCode
  message: string
  hint?: string
}

interface Rule {
  pattern: RegExp
  code: ErrorCode
  /** Shown instead of the server's text, which goes to `details.server`. */
  instead?: string
  hint?: string
}

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  // A policy that names an unknown user is a bad policy, not a missing user.
  {pattern: /^(setting policy|verifying policy rules|loading ACL policy file)\b/i, code: 'invalid-input'},
  {
    pattern: /database is locked|SQLITE_BUSY|could not serialize access|deadlock detected/i,
    code: 'failed',
    instead: "the server's database is busy",
    hint: 'try again in a moment',
  },
  {
    pattern:
      /(UNIQUE constraint failed|violates unique constraint).*\buser|\buser.*(UNIQUE constraint failed|violates unique constraint)/i,
    code: 'already-exists',
    instead: 'a user with this name already exists',
  },
  {
    pattern: /UNIQUE constraint failed|violates unique constraint/i,
    code: 'already-exists',
    instead: 'something with this name already exists',
  },
  {
    pattern: /FOREIGN KEY constraint failed|violates foreign key constraint/i,
    code: 'invalid-input',
    instead: 'something on the server still depends on it, or what it refers to does not exist',
  },
  {pattern: /already exists|is not unique|already in use/i, code: 'already-exists'},
  {pattern: /expected exactly one user, found [2-9]/i, code: 'ambiguous', hint: 'give the id of the user'},
  {
    pattern: /^(?!.*not found: record).*\brecord not found$/i,
    code: 'not-found',
    instead: 'the server has no such record',
  },
  {pattern: /not found|no longer exists|expected exactly one user, found 0/i, code: 'not-found'},
]

/**
 * Judges a refusal by its text.
 * @returns null when no rule fits; the caller then goes by the status
 */
export function recognise(text: string): Refusal | null {
  const rule = RULES.find(({pattern}) => pattern.test(text))
  if (!rule) return null
  return {code: rule.code, message: rule.instead ?? text, ...(rule.hint ? {hint: rule.hint} : {})}
}
