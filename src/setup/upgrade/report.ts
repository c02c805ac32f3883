/** A plan as text for a person who follows it, and as the published document. Values in, values out. */
import {printable} from '../../text/untrusted.ts'
import type {UpgradePlanDocument} from '../schemas.ts'
import type {KeyChange} from './config-steps.ts'
import type {Hop} from './releases.ts'
import type {Step, UpgradePlan} from './plan.ts'
import type {Problem} from './problems.ts'

/** The exit code: 0, or 1 if something must be done first. */
export function planStatus({steps}: UpgradePlan): 0 | 1 {
  return steps.some(({problems}) => problems.length > 0) ? 1 : 0
}

export interface ReportContext {
  /** Where the files of the steps are; null if they are not written. */
  folder: string | null
  /** Why no version of a client is known, as the end of a sentence; null if some are. */
  clientsUnknown: string | null
}

export function planText(plan: UpgradePlan, context: ReportContext): string {
  const {steps, from, to, file} = plan
  if (steps.length === 0) return line(`headscale ${from.text} needs no upgrade to ${to.text}`)
  const last = steps.at(-1)!.hop.release
  const count = `${steps.length} step${steps.length === 1 ? '' : 's'}`
  const blocks = [
    [`headscale ${from.text} to ${last}: ${count}, for ${file}`, ...verdict(plan)],
    problemLines(plan),
    clientLines(plan, context),
    ...steps.map((step, index) => stepLines(step, index + 1, steps.length)),
    endLines(plan, context),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(line).join(''))
    .join('\n')
}

/** Texts of files and of the server are in it. */
function line(text: string): string {
  return `${printable(text)}\n`
}

function verdict({steps}: UpgradePlan): string[] {
  const problems = steps.flatMap((step) => step.problems).length
  if (problems === 0) return ['Nothing stands in the way.']
  return [problems === 1 ? 'One thing must be done first.' : `${problems} things must be done first.`]
}

function problemLines({steps}: UpgradePlan): string[] {
  const all = steps.flatMap(({hop, problems}) => problems.map((problem) => ({hop, problem})))
  if (all.length === 0) return []
  return [
    'To do first',
    ...all.flatMap(({hop, problem}, index) => [
      `  ${index + 1}. ${placed(problem)} (before ${hop.release})`,
      `     why: ${problem.reason}`,
      `     fix: ${problem.fix}`,
    ]),
    'After a change of a file, make the plan again.',
  ]
}

function placed({place, message}: Problem): string {
  return place === null ? message : `${place.file}:${place.line}:${place.column}: ${message}`
}

function clientLines({minimumClient, clients}: UpgradePlan, {clientsUnknown}: ReportContext): string[] {
  if (minimumClient === null) return []
  const need = `After the last step, clients need Tailscale ${minimumClient} or later.`
  if (clientsUnknown === null) return [need]
  const why = `${need} Their versions are not known (${clientsUnknown}).`
  return clients === null ? [why] : [`${why} This lists them:`, `    ${clients}`]
}

function stepLines({hop, keys, users, changes, commands}: Step, number: number, total: number): string[] {
  return [
    `Step ${number} of ${total}: headscale ${hop.release}${status(hop)}`,
    ...(hop.minimumClient === null ? [] : [`  Clients: Tailscale ${hop.minimumClient} or later`]),
    ...keyLines(keys),
    ...(users.length === 0
      ? []
      : [`  Policy: ${unique(users.map(({name}) => `${name} becomes ${name}@`)).join(', ')}`]),
    ...changes.map((change) => `  - ${change}`),
    ...commands.map((command) => `    ${command}`),
  ]
}

function status({released, testedFrom, from}: Hop): string {
  if (!released) return ' (not released when this was written)'
  if (testedFrom === null) return ' (this upgrade was not tested)'
  return testedFrom === from || testedFrom.startsWith(`${from}.`) ? '' : ` (tested from ${testedFrom} alone)`
}

function keyLines(keys: readonly KeyChange[]): string[] {
  const list = (action: KeyChange['action'], word: string, text: (change: KeyChange) => string) => {
    const found = keys.filter((change) => change.action === action)
    return found.length === 0 ? [] : [`  ${word}: ${found.map(text).join(', ')}`]
  }
  return [
    ...list('rename', 'Keys renamed', ({key, to}) => `${key} to ${to}`),
    ...list('delete', 'Keys deleted', ({key}) => key),
    ...list('add', 'Keys added', ({key, value}) => `${key}: ${value}`),
  ]
}

function endLines({steps, restore}: UpgradePlan, {folder}: ReportContext): string[] {
  const changed = steps.some(({keys, policy}) => keys.length > 0 || policy !== null)
  return [
    'To go back by one step, with ARCHIVE as the backup made before it',
    ...restore.map((command) => `    ${command}`),
    ...(folder === null && changed
      ? ['', 'DIR is the folder of --write DIR, which writes the changed files of each step.']
      : []),
  ]
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

export function planDocument(plan: UpgradePlan, {clientsUnknown}: ReportContext): UpgradePlanDocument {
  const {from, to, file, clients, minimumClient, steps, restore} = plan
  return {
    ...{from: from.text, to: steps.at(-1)?.hop.release ?? to.text, file},
    ready: planStatus(plan) === 0,
    minimumClient,
    clients: {unknown: clientsUnknown, command: clients},
    steps: steps.map(({hop, keys, users, problems, changes, commands}) => ({
      ...{release: hop.release, from: hop.from, testedFrom: hop.testedFrom, released: hop.released},
      ...{minimumClient: hop.minimumClient, keys: [...keys]},
      policy: users.map(({name, place}) => ({...position(place), name, to: `${name}@`})),
      problems: problems.map(({code, place, message, reason, fix}) => ({
        ...{code, ...(place === null ? {file: null, line: null, column: null} : position(place))},
        ...{message, reason, fix},
      })),
      ...{changes, commands},
    })),
    restore,
  }
}

function position({file, line: row, column}: {file: string; line: number; column: number}) {
  return {file, line: row, column}
}
