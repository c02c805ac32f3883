/**
 * Classifies headscale's error messages. Most errors have gRPC code 2 (HTTP 500 over REST), so only the message
 * distinguishes a missing user from a name that is already in use. Both transports use this table.
 *
 * The server's own message is shown; only raw database text is replaced. Texts: the server's sources at the tags
 * v0.15.0 to v0.29.2, and hscontrol/api/v1/errors.go of the 0.30 tree.
 */
import type {ErrorCode} from '../../errors.ts'

/** An error of the server, classified by its message. */
export interface ServerError {
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

/** The first rule that matches is used. */
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
    instead: 'an object with this name already exists',
  },
  {
    pattern: /FOREIGN KEY constraint failed|violates foreign key constraint/i,
    code: 'invalid-input',
    instead: 'another object on the server still refers to it, or it refers to one that does not exist',
  },
  {pattern: /already exists|is not unique|already in use/i, code: 'already-exists'},
  {pattern: /expected exactly one user, found [2-9]/i, code: 'ambiguous', hint: 'give the user by id'},
  {
    pattern: /^(?!.*not found: record).*\brecord not found$/i,
    code: 'not-found',
    instead: 'no such object on the server',
  },
  {pattern: /not found|no longer exists|expected exactly one user, found 0/i, code: 'not-found'},
]

/**
 * Classifies an error by its message.
 * @returns null when no rule matches; the caller then uses the status
 */
export function classifyMessage(text: string): ServerError | null {
  const rule = RULES.find(({pattern}) => pattern.test(text))
  if (!rule) return null
  return {code: rule.code, message: rule.instead ?? text, ...(rule.hint ? {hint: rule.hint} : {})}
}
