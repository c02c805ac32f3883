/** The checks as a framed table with a line for each, then the problems, then a summary. */
import type {Painter, Tone} from '../../render/table.ts'
import {framedTable} from '../../render/report/frame.ts'
import {redact} from '../../text/secrets.ts'
import {printable} from '../../text/untrusted.ts'
import {CHECKS, problemsOf} from '../result.ts'
import type {CheckResult, DoctorResult, Problem} from '../result.ts'

const TONES: Record<CheckResult['status'], Tone> = {ok: 'good', warning: 'warning', error: 'bad', skipped: 'plain'}

/** Of the last column, where words allow it: the frame fits a terminal of 100 columns. */
const WIDTH = 66

/** The whole report; it ends with a newline. */
export function doctorReport(result: DoctorResult, paint: Painter): string {
  const head = ['Check', 'Result', 'Seen'].map((text) => paint('header', text))
  const made = result.checks.filter(({status}) => status !== 'skipped')
  const rows = made.map(({check, target, status, seen}) => [
    CHECKS[check],
    paint(TONES[status], status),
    wrapped(safe(target === null || seen.includes(target) ? seen : `${target}: ${seen}`)),
  ])
  const problems = problemsOf(result).map((problem) => problemText(problem, paint))
  return `${[framedTable(head, rows), ...problems, ...skippedLines(result), summary(result, paint)].join('\n\n')}\n`
}

/** One line for each reason. */
function skippedLines({checks}: DoctorResult): string[] {
  const skipped = checks.filter(({status}) => status === 'skipped')
  if (skipped.length === 0) return []
  const byReason = Map.groupBy(skipped, ({target, seen}) => (target === null ? seen : `${target}: ${seen}`))
  const lines = [...byReason].map(([reason, same]) => {
    const names = [...new Set(same.map(({check}) => CHECKS[check]))]
    return `  ${names.join(', ')}: ${safe(reason)}`
  })
  return [['Skipped:', ...lines].join('\n')]
}

function wrapped(text: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

function problemText({severity, code, message, reason, fix}: Problem, paint: Painter): string {
  const title = paint(severity === 'error' ? 'bad' : 'warning', `${severity} ${code}`)
  return [`${title}: ${safe(message)}`, `  why: ${safe(reason)}`, `  fix: ${safe(fix)}`].join('\n')
}

function summary({checks}: DoctorResult, paint: Painter): string {
  const count = (status: CheckResult['status']) => checks.filter((check) => check.status === status).length
  const parts = (['error', 'warning', 'ok', 'skipped'] as const)
    .map((status) => ({status, number: count(status)}))
    .filter(({number}) => number > 0)
    .map(({status, number}) => paint(TONES[status], `${number} ${WORDS[status](number)}`))
  return `${checks.length} checks: ${parts.join(', ')}`
}

const WORDS: Record<CheckResult['status'], (number: number) => string> = {
  error: (number) => `with error${number === 1 ? '' : 's'}`,
  warning: (number) => `with warning${number === 1 ? '' : 's'}`,
  ok: () => 'ok',
  skipped: () => 'skipped',
}

/** Text of servers, files and errors, without what looks like a key. */
function safe(text: string): string {
  return printable(redact(text))
}
