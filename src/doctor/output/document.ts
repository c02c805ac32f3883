/** The published JSON of `doctor`. */
import {redact} from '../../text/secrets.ts'
import {CHECKS} from '../result.ts'
import type {DoctorResult} from '../result.ts'
import type {DoctorDocument} from './schemas.ts'

export function doctorDocument({server, checks}: DoctorResult): DoctorDocument {
  const count = (status: string) => checks.filter((check) => check.status === status).length
  return {
    server,
    errors: count('error'),
    warnings: count('warning'),
    skipped: count('skipped'),
    checks: checks.map(({check, target, status, seen, problems}) => ({
      check,
      title: CHECKS[check],
      target: target === null ? null : redact(target),
      status,
      seen: redact(seen),
      problems: problems.map(({severity, code, message, reason, fix}) => ({
        severity,
        code,
        message: redact(message),
        reason: redact(reason),
        fix: redact(fix),
      })),
    })),
  }
}
