/**
 * What `doctor` found, as data: one result for each check, with the problems that it found. The report and the JSON
 * document read these values and add nothing.
 */
import type {Severity} from '../diagnostics/finding.ts'

/** The checks, in the order of the report. A check of an address occurs once for each address. */
export const CHECKS = {
  config: 'Configuration',
  settings: 'Settings',
  socket: 'Socket',
  server: 'Server',
  listener: 'Listener',
  'server-url': 'server_url',
  address: 'Address',
  certificate: 'Certificate',
  upgrade: 'Client upgrade',
  clock: 'Clock',
  'api-key': 'API key',
  pool: 'Address pool',
  users: 'Users',
  routes: 'Routes',
  policy: 'Policy',
  relays: 'DERP relays',
  oidc: 'Single sign-on',
} as const

export type CheckName = keyof typeof CHECKS

/** One problem. */
export interface Problem {
  /** With an error something does not work; with a warning it works, but may fail soon or in some cases. */
  severity: Severity
  /** A stable identifier in kebab case; docs/doctor.md lists them. */
  code: string
  /** What was seen. One clause without a full stop, as the two others. */
  message: string
  /** Why it matters. */
  reason: string
  /** What to type or to change. */
  fix: string
}

/** What a check says: what it saw in a few words, and its problems. */
export interface Verdict {
  /** The file, path or address that was checked; null where the whole server was. */
  target?: string | null
  seen: string
  problems?: readonly Problem[]
  /** The check could not be made; `seen` is the reason. */
  skipped?: true
}

export interface CheckResult {
  check: CheckName
  target: string | null
  status: 'ok' | 'warning' | 'error' | 'skipped'
  seen: string
  problems: readonly Problem[]
}

/** The server that answered. */
export interface ServerSeen {
  releases: string
  version: string | null
  via: string
}

export interface DoctorResult {
  server: ServerSeen | null
  /** In the order of CHECKS. */
  checks: CheckResult[]
}

export type Words = [message: string, reason: string, fix: string]

export function error(code: string, [message, reason, fix]: Words): Problem {
  return {severity: 'error', code, message, reason, fix}
}

export function warning(code: string, [message, reason, fix]: Words): Problem {
  return {severity: 'warning', code, message, reason, fix}
}

/** A check that cannot be made from here. */
export function skipped(reason: string, target: string | null = null): Verdict {
  return {target, seen: reason, skipped: true}
}

export function hasErrors({problems = []}: Verdict): boolean {
  return problems.some(({severity}) => severity === 'error')
}

export function resultOf(check: CheckName, verdict: Verdict): CheckResult {
  const {target = null, seen, problems = []} = verdict
  const status = verdict.skipped ? 'skipped' : hasErrors(verdict) ? 'error' : problems.length > 0 ? 'warning' : 'ok'
  return {check, target, status, seen, problems}
}

/** Of all checks together. */
export function problemsOf({checks}: DoctorResult): Problem[] {
  return checks.flatMap(({problems}) => problems)
}
