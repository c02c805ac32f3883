/** The shape of `tests` and `sshTests` (0.29 and later). Whether they succeed depends on the tailnet. */
import type {SshTest, Test, Text} from '../policy.ts'
import {destinationOf, parseSelector, prefixBits, protocolProblem, trimmed} from '../selector.ts'
import {checkProtocol} from './access-rules.ts'
import {type Context, quoted} from './names.ts'
import {KINDS_FIX} from './selectors.ts'

export function checkTest(context: Context, test: Test): void {
  const {rules} = context
  if (test.accept.length === 0 && test.deny.length === 0) {
    context.error('empty-test', test, {
      message: 'the test has neither "accept" nor "deny"',
      fix: 'Add "accept" or "deny"',
    })
  }
  if (test.src === null || parseSelector(test.src.text, rules, {trim: false}).kind === 'unknown') {
    context.error('invalid-test-source', test.src ?? test, {
      message: test.src ? `invalid selector ${quoted(test.src.text)}` : 'the test has no "src"',
      fix: KINDS_FIX,
    })
  } else checkDefined(context, test.src, false)
  if (test.proto) {
    const proto = test.proto.text.toLowerCase()
    if (protocolProblem(proto, rules) !== null) checkProtocol(context, test.proto)
    else if (!['', 'tcp', 'udp', 'sctp', '6', '17', '132'].includes(proto)) {
      context.error('invalid-protocol', test.proto, {
        message: `a test has the protocol tcp, udp or sctp, got ${quoted(test.proto.text)}`,
        fix: 'Write one of them, or remove "proto"',
      })
    }
  }
  for (const item of [...test.accept, ...test.deny]) checkTestDestination(context, item)
}

/** Of a test: one host and one port. */
function checkTestDestination(context: Context, at: Text): void {
  const {rules} = context
  const report = (message: string, fix: string) => context.error('invalid-test-destination', at, {message, fix})
  const destination = destinationOf(at, rules)
  const fix = 'Write one host and one port, such as "tag:web:443"'
  if ('problem' in destination) return report(`invalid destination ${quoted(at.text)}: ${destination.problem}`, fix)
  const {selector, ports} = destination
  if (ports === null || 'problem' in ports) {
    return report(`invalid ports in ${quoted(at.text)}${ports ? `: ${ports.problem}` : ''}`, fix)
  }
  if (selector.kind === 'unknown') return report(`invalid selector ${quoted(selector.text)}`, KINDS_FIX)
  if (selector.kind === 'autogroup' && !rules.autogroups.includes(selector.text)) {
    return report(`headscale ${rules.release} does not have ${quoted(selector.text)}`, fix)
  }
  if (selector.kind === 'tag' && !/^tag:[A-Za-z]/.test(selector.text)) {
    return report(`invalid tag ${quoted(selector.text)}`, fix)
  }
  if (['autogroup:internet', 'autogroup:self', 'autogroup:nonroot'].includes(selector.text)) {
    return report(`${quoted(selector.text)} cannot be tested`, fix)
  }
  const [range] = ports.ranges
  if (ports.ranges.length !== 1 || range?.first !== range?.last)
    return report(`${quoted(at.text)} has several ports`, fix)
  if (isRange(context, selector.kind, selector.text) || (selector.kind === 'prefix' && at.text.includes('/'))) {
    return report(`${quoted(at.text)} is more than one host`, fix)
  }
  checkDefined(context, {...at, text: selector.text}, false)
}

export function checkSshTest(context: Context, test: SshTest): void {
  const {rules} = context
  const source = test.src && parseSelector(test.src.text, rules)
  if (!source || source.text === '' || source.kind === 'unknown') {
    context.error('invalid-test-source', test.src ?? test, {
      message: test.src ? `invalid selector ${quoted(test.src.text)}` : 'the test has no "src"',
      fix: KINDS_FIX,
    })
  } else checkDefined(context, test.src!, true)
  if (test.accept.length + test.deny.length + test.check.length === 0) {
    context.error('empty-test', test, {
      message: 'the test has no "accept", "deny" or "check"',
      fix: 'Add users to log in as, such as "accept": ["root"]',
    })
  }
  for (const user of [...test.accept, ...test.deny, ...test.check]) {
    if (trimmed(user.text) === '')
      context.error('invalid-ssh-user', user, {message: 'the user is empty', fix: 'Remove it'})
  }
  if (test.dst.length === 0)
    context.error('empty-test', test, {message: 'the test has no "dst"', fix: 'Add a destination'})
  for (const at of test.dst) {
    const {kind, text} = parseSelector(at.text, rules)
    const report = (message: string) =>
      context.error('invalid-test-destination', at, {message, fix: 'Write one host without a port, such as "tag:web"'})
    if (kind === 'unknown') report(`invalid selector ${quoted(text)}`)
    else if (text === 'autogroup:internet') report('"autogroup:internet" cannot be tested')
    else if (isRange(context, kind, text)) report(`${quoted(text)} is more than one host`)
    else if (kind === 'tag') context.tag(at, text)
  }
}

/** A prefix of more than one address, or the host of one. */
function isRange(context: Context, kind: string, text: string): boolean {
  const prefix = prefixBits(kind === 'host' ? (context.hosts.get(text) ?? '') : kind === 'prefix' ? text : '')
  return prefix !== null && prefix.bits < prefix.size
}

/** What resolves to no address makes the test fail. */
function checkDefined(context: Context, at: Text, trim: boolean): void {
  const {kind, text} = parseSelector(at.text, context.rules, {trim})
  if (kind === 'host') context.host(at, text)
  else if (kind === 'group') context.group(at, text)
  else if (kind === 'tag') context.tag(at, text)
  else if (kind === 'autogroup' && (!context.rules.autogroups.includes(text) || /:(?:self|nonroot)$/.test(text))) {
    context.error('invalid-test-source', at, {
      message: `${quoted(text)} cannot be the source of a test`,
      fix: 'Write a user, a group, a tag, a host, an address, "autogroup:member" or "autogroup:tagged"',
    })
  }
}
