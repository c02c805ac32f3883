/** SSH rules on 0.26 and later. */
import type {Ssh, Text} from '../policy.ts'
import {parseSelector, trimmed} from '../selector.ts'
import {type Context, quoted} from './names.ts'
import {checkAutogroup, checkNobody, KINDS_FIX} from './selectors.ts'

export function checkSsh(context: Context, rule: Ssh): void {
  checkAction(context, rule)
  checkUsers(context, rule)
  for (const item of rule.acceptEnv) {
    if (item.text === '')
      context.error('invalid-ssh-env', item, {message: 'the name of a variable is empty', fix: 'Remove it'})
  }
  for (const item of rule.src) checkSource(context, item)
  for (const item of rule.dst) checkDestination(context, item)
  if (context.rules.sshPairs) checkPairs(context, rule)
  checkPeriod(context, rule)
  checkNobody(context, rule, rule.src, 'sources')
  checkNobody(context, rule, rule.dst, 'destinations')
}

function actionOf(context: Context, {action}: Ssh): string | null {
  if (!action) return null
  return context.rules.sshUsers ? trimmed(action.text) : action.text
}

function checkAction(context: Context, rule: Ssh): void {
  const action = actionOf(context, rule)
  if (action === 'accept' || action === 'check') return
  context.error('invalid-action', rule.action ?? rule, {
    message: rule.action
      ? `the action is "accept" or "check", got ${quoted(rule.action.text)}`
      : 'the rule has no "action"',
    fix: 'Write "action": "accept"',
  })
}

function checkUsers(context: Context, rule: Ssh): void {
  const {sshUsers, release} = context.rules
  if (rule.users.length === 0) {
    const message = 'the rule has no "users"'
    const fix = 'Add the users to log in as, such as "users": ["autogroup:nonroot"]'
    if (sshUsers) context.error('missing-ssh-users', rule, {message, fix})
    else context.warning('missing-ssh-users', rule, {message, fix, reason: 'nobody can log in by this rule'})
  }
  for (const user of rule.users) {
    const text = sshUsers ? trimmed(user.text) : user.text
    if (sshUsers && (text === '' || text === '*')) {
      context.error('invalid-ssh-user', user, {
        message: `${quoted(text)} is not a user to log in as`,
        fix: text === '*' ? 'Write "autogroup:nonroot", and "root" if it is meant too' : 'Remove it',
      })
    } else if (text.startsWith('autogroup:') && text !== 'autogroup:nonroot') {
      const message = `${quoted(text)} is not a user to log in as`
      const fix = 'Write "autogroup:nonroot" or names of users'
      if (!sshUsers) context.error('invalid-ssh-user', user, {message, fix})
      else {
        const reason = `headscale ${release} reads it as the name of a user on the destination`
        context.warning('invalid-ssh-user', user, {message, fix, reason})
      }
    }
  }
}

function checkSource(context: Context, at: Text): void {
  const {kind, text} = parseSelector(at.text, context.rules)
  if (kind === 'user') return
  if (kind === 'group') context.group(at, text)
  else if (kind === 'tag') context.tag(at, text)
  else if (kind === 'autogroup') checkAutogroup(context, at, text, 'sshSrc')
  else {
    context.error('invalid-ssh-source', at, {
      message: `${quoted(text)} cannot be a source of an SSH rule`,
      fix: kind === 'unknown' ? KINDS_FIX : 'Write users, groups, tags, "autogroup:member" or "autogroup:tagged"',
    })
  }
}

function checkDestination(context: Context, at: Text): void {
  const {sshAny, sshHosts} = context.rules
  const {kind, text} = parseSelector(at.text, context.rules)
  if (kind === 'user' || (kind === 'any' && sshAny)) return
  if (kind === 'tag') context.tag(at, text)
  else if (kind === 'autogroup') checkAutogroup(context, at, text, 'sshDst')
  else if (kind === 'host' && sshHosts) context.host(at, text, 'warning')
  else {
    context.error('invalid-ssh-destination', at, {
      message: `${quoted(text)} cannot be a destination of an SSH rule`,
      fix:
        kind === 'any'
          ? 'Write tags, users, "autogroup:member", "autogroup:tagged" or "autogroup:self"'
          : 'Write users, tags or autogroups, without ports',
    })
  }
}

/** Which sources may reach nodes of users: only these users themselves. */
function checkPairs(context: Context, rule: Ssh): void {
  const sources = rule.src.map((item) => parseSelector(item.text, context.rules))
  const hasTags = sources.some(({kind, text}) => kind === 'tag' || text === 'autogroup:tagged')
  const hasGroups = sources.some(({kind, text}) => kind === 'group' || text === 'autogroup:member')
  const users = new Set(sources.flatMap(({kind, text}) => (kind === 'user' ? [text] : [])))
  for (const item of rule.dst) {
    const {kind, text} = parseSelector(item.text, context.rules)
    if (hasTags && (kind === 'user' || text === 'autogroup:self' || text === 'autogroup:member')) {
      context.error('ssh-tag-to-user', item, {
        message: `nodes with tags cannot reach ${quoted(text)} by SSH`,
        fix: 'Write tags or "autogroup:tagged" as destinations, or users as sources',
      })
    } else if (kind === 'user' && (hasGroups || users.size !== 1 || !users.has(text))) {
      context.error('ssh-other-user', item, {
        message: `only ${quoted(text)} can be the source for the destination ${quoted(text)}`,
        fix: 'Write "autogroup:self" as destination, for the nodes of each source',
      })
    }
  }
}

const GO_DURATION = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const PROMETHEUS_DURATION = /^(?:0|(?=.)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/
const HOURS: Readonly<Record<string, number>> = {
  h: 1,
  m: 1 / 60,
  s: 1 / 3600,
  ms: 1 / 3.6e6,
  us: 0,
  µs: 0,
  μs: 0,
  ns: 0,
}

export function isGoDuration(text: string): boolean {
  return GO_DURATION.test(text)
}

function goHours(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
  const sum = parts.reduce((hours, [, count, unit]) => hours + Number(count) * (HOURS[unit!] ?? 0), 0)
  return text.startsWith('-') ? -sum : sum
}

function checkPeriod(context: Context, rule: Ssh): void {
  const {checkPeriod: kind} = context.rules
  const period = rule.checkPeriod
  if (!period) return
  const {text} = period
  const report = (message: string, fix: string) => context.error('invalid-check-period', period, {message, fix})
  if (kind === 'prometheus') {
    if (!PROMETHEUS_DURATION.test(text))
      report(`${quoted(text)} is not a duration`, 'Write a duration such as "12h" or "1d"')
    return
  }
  if (text !== 'always' && !isGoDuration(text)) {
    report(
      `${quoted(text)} is not a duration`,
      'Write "always" or a duration such as "12h" or "1h30m"; there are no days',
    )
  } else if (actionOf(context, rule) !== 'check') {
    report('"checkPeriod" needs the action "check"', 'Remove it, or write "action": "check"')
  } else if (goHours(text) < 0) report(`${text} is negative`, 'Write a positive duration')
  else if (goHours(text) > 168) report(`${text} is more than a week`, 'Write 168h or less')
}
