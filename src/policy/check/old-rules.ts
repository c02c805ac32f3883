/**
 * Policies up to 0.25. These releases check almost nothing when they read a policy; most mistakes are found when the
 * rules are compiled, those of SSH rules only if there is a node. Names that are not defined have no effect.
 */
import type {Acl, Ssh, Text} from '../policy.ts'
import {isPrefix, parseDestination, parseSelector, prefixBits, protocolProblem, hasPorts} from '../selector.ts'
import {checkProtocol, destinationFix} from './access-rules.ts'
import {type Context, quoted} from './names.ts'
import {checkNobody} from './selectors.ts'
import {isGoDuration} from './ssh-rules.ts'

const NODE_REASON = 'headscale rejects the whole policy, as soon as a node is a destination of the rule'
const MATCHES_NOTHING = 'the rule does not match any node'
const TAG_REASON = 'headscale rejects the whole policy, unless a node has this tag'

export function checkOldRules(context: Context): void {
  const {policy} = context
  checkHosts(context)
  const used = new Set<string>()
  for (const acl of policy.acls) checkAcl(context, acl, used)
  if (!context.rules.sshIsExperiment) for (const rule of policy.ssh) checkSsh(context, rule, used)
  checkGroups(context, used)
  checkOwners(context, used)
  for (const {name} of policy.routes) {
    if (name.text.includes('/') && isPrefix(name.text)) continue
    context.warning('invalid-prefix', name, {
      message: `${quoted(name.text)} is not a prefix`,
      reason: `headscale ${context.rules.release} accepts it, and then approves no route of any prefix`,
      fix: 'Write it as 10.0.0.0/24 or fd00:1::/64',
    })
  }
}

function checkHosts(context: Context): void {
  for (const {name, address} of context.policy.hosts) {
    const {text} = address
    if (context.policy.isYaml && text === '') continue
    if (context.policy.isYaml && !text.includes('/') && prefixBits(text) !== null) {
      context.error('invalid-host-address', address, {
        message: `the address of ${quoted(name.text)} has no length`,
        fix: `Write ${text}/${prefixBits(text)!.size}`,
      })
      continue
    }
    const prefix = prefixBits(text.includes('/') ? text : `${text}/32`)
    if (prefix === null) {
      context.error('invalid-host-address', address, {
        message: `${quoted(text)} is not an address or a prefix`,
        fix: 'Write it as 100.64.0.1, 10.0.0.0/24 or fd00:1::/64',
      })
    } else if (!text.includes('/') && prefix.size === 128) {
      context.warning('host-address-length', address, {
        message: `the address of ${quoted(name.text)} has no length`,
        reason: `headscale ${context.rules.release} reads it as ${text}/32, which is more than one host`,
        fix: `Write "${text}/128"`,
      })
    }
  }
}

function checkAcl(context: Context, acl: Acl, used: Set<string>): void {
  if (acl.action?.text !== 'accept') {
    context.error('invalid-action', acl.action ?? acl, {
      message: acl.action ? `the action is "accept", got ${quoted(acl.action.text)}` : 'the rule has no "action"',
      fix: 'Write "action": "accept"; what no rule accepts is denied',
    })
  }
  if (acl.proto) checkProtocol(context, acl.proto)
  for (const item of acl.src) checkName(context, item, item.text, used)
  const proto = acl.proto?.text ?? ''
  const needsAnyPort = protocolProblem(proto, context.rules) === null && !hasPorts(proto, context.rules)
  for (const item of acl.dst) checkDestination(context, item, needsAnyPort, used)
  checkNobody(context, acl, acl.src, 'sources')
  checkNobody(context, acl, acl.dst, 'destinations')
}

function checkDestination(context: Context, at: Text, needsAnyPort: boolean, used: Set<string>): void {
  const destination = parseDestination(at.text, context.rules, {needsAnyPort})
  if ('problem' in destination) {
    context.error('invalid-destination', at, {
      message: `invalid destination ${quoted(at.text)}: ${destination.problem}`,
      fix: destinationFix(at.text),
    })
    return
  }
  const {selector, ports} = destination
  if (ports && 'problem' in ports) {
    context.error('invalid-port', at, {
      message: `invalid ports in ${quoted(at.text)}: ${ports.problem}`,
      fix: 'Write "*", a port, a range such as 8000-8080, or a list such as 80,443',
    })
  } else if (ports?.ranges.some(({first, last}) => first > last)) {
    context.warning('empty-port-range', at, {
      message: `a range in ${quoted(at.text)} ends before it starts`,
      reason: 'no port matches',
      fix: 'Write the smaller port first',
    })
  }
  checkName(context, at, selector.text, used)
}

/** @param used collects the names of groups and tags that the rules refer to */
function checkName(context: Context, at: Text, text: string, used: Set<string>, reason?: string): void {
  const {kind} = parseSelector(text, context.rules)
  used.add(text)
  if (kind === 'group') context.group(at, text, reason)
  else if (kind === 'tag') context.tag(at, text, reason ?? (context.rules.knowsForcedTags ? TAG_REASON : undefined))
  else if (kind === 'autogroup' && context.rules.autogroups.length === 0) {
    context.warning('unknown-autogroup', at, {
      message: `headscale ${context.rules.release} has no autogroups`,
      reason: MATCHES_NOTHING,
      fix: 'Write users, groups or tags, or use a later release of headscale',
    })
  } else if (kind === 'autogroup' && !text.startsWith('autogroup:internet')) {
    context.error('unknown-autogroup', at, {
      message: `headscale ${context.rules.release} does not have ${quoted(text)}`,
      fix: 'Write users, groups or tags, or use a later release of headscale',
      ...(reason === undefined ? {} : {reason}),
    })
  } else if (kind === 'name' && text.endsWith('@')) {
    context.warning('user-with-at', at, {
      message: `${quoted(text)} is not a user`,
      reason: `to headscale ${context.rules.release} the "@" is part of the name; the rule does not match any node`,
      fix: `Write ${quoted(text.slice(0, -1))}`,
    })
  }
}

function checkSsh(context: Context, rule: Ssh, used: Set<string>): void {
  const {action, checkPeriod} = rule
  if (action?.text !== 'accept' && action?.text !== 'check') {
    context.error('invalid-action', action ?? rule, {
      message: action ? `the action is "accept" or "check", got ${quoted(action.text)}` : 'the rule has no "action"',
      reason: NODE_REASON,
      fix: 'Write "action": "accept"',
    })
  } else if (action.text === 'check' && !isGoDuration(checkPeriod?.text ?? '')) {
    context.error('invalid-check-period', checkPeriod ?? rule, {
      message: checkPeriod ? `${quoted(checkPeriod.text)} is not a duration` : 'the action "check" needs "checkPeriod"',
      reason: NODE_REASON,
      fix: 'Write a duration such as "12h" or "1h30m"; there are no days',
    })
  }
  for (const item of rule.dst) checkName(context, item, item.text, used)
  for (const item of rule.src) checkName(context, item, item.text, used, NODE_REASON)
  checkNobody(context, rule, rule.src, 'sources')
  checkNobody(context, rule, rule.dst, 'destinations')
}

function checkGroups(context: Context, used: ReadonlySet<string>): void {
  for (const {name, items} of context.policy.groups) {
    for (const member of items) {
      if (!member.text.startsWith('group:')) continue
      const message = `${quoted(member.text)} is a group, and cannot be in a group`
      const fix = 'List its members here'
      if (used.has(name.text)) context.error('nested-group', member, {message, fix})
      else context.warning('nested-group', member, {message, fix, reason: 'a rule for this group would be rejected'})
    }
    if (name.text.startsWith('group:')) continue
    context.warning('invalid-group-name', name, {
      message: `the name of a group starts with "group:", got ${quoted(name.text)}`,
      reason: 'no rule can refer to it',
      fix: `Write "group:${name.text}"`,
    })
  }
}

function checkOwners(context: Context, used: ReadonlySet<string>): void {
  for (const {name, items} of context.policy.tagOwners) {
    for (const owner of items) {
      if (!owner.text.startsWith('group:') || context.groups.has(owner.text)) continue
      if (used.has(name.text)) context.group(owner, owner.text)
      else {
        context.warning('undefined-group', owner, {
          message: `${quoted(owner.text)} is not defined in "groups"`,
          reason: 'no node can join with this tag',
          fix: `Add ${quoted(owner.text)} to "groups"`,
        })
      }
    }
  }
}
