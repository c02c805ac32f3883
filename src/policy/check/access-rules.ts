/** ACLs, grants and nodeAttrs on 0.26 and later. */
import type {Acl, Grant, NodeAttr, Text} from '../policy.ts'
import {nearest} from '../read/decode.ts'
import {
  hasPorts,
  destinationOf,
  parsePorts,
  parseSelector,
  prefixBits,
  protocolProblem,
  type Selector,
} from '../selector.ts'
import {type Context, quoted} from './names.ts'
import {checkNobody, checkSelector} from './selectors.ts'

export function checkAcl(context: Context, acl: Acl): void {
  const {rules} = context
  checkAction(context, acl)
  if (acl.proto) checkProtocol(context, acl.proto)
  for (const item of acl.src) checkSelector(context, item, parseSelector(item.text, rules), 'src')
  const destinations = acl.dst.flatMap((item) => checkDestination(context, item, acl.proto) ?? [])
  if (rules.selfNeedsUsers && destinations.some(({text}) => text === 'autogroup:self')) {
    checkSelfSources(context, acl.src, ['any'])
  }
  checkNobody(context, acl, acl.src, 'sources')
  checkNobody(context, acl, acl.dst, 'destinations')
}

function checkAction(context: Context, {action, place, path}: Acl): void {
  if (action === null && !context.rules.actionRequired) return
  if (action?.text === 'accept') return
  context.error('invalid-action', action ?? {place, path}, {
    message: action ? `the action is "accept", got ${quoted(action.text)}` : 'the rule has no "action"',
    fix: 'Write "action": "accept"; what no rule accepts is denied',
  })
}

export function checkProtocol(context: Context, proto: Text): void {
  const problem = protocolProblem(proto.text, context.rules)
  if (problem === null) return
  const near = nearest(proto.text, context.rules.protocols)
  context.error('invalid-protocol', proto, {
    message: problem,
    fix: near ? `Write ${quoted(near)}` : `Write a number, or one of: ${context.rules.protocols.join(', ')}`,
  })
}

/** @returns the selector of a destination with valid ports */
export function checkDestination(context: Context, at: Text, proto: Text | null): Selector | null {
  const {rules} = context
  const destination = destinationOf(at, rules)
  if ('problem' in destination) {
    context.error('invalid-destination', at, {
      message: `invalid destination ${quoted(at.text)}: ${destination.problem}`,
      fix: destinationFix(at.text),
    })
    return null
  }
  const {selector, ports, portText} = destination
  if (ports === null) {
    context.warning('missing-port', at, {
      message: `${quoted(at.text)} has no port`,
      reason: `headscale ${rules.release} accepts it, and the destination never matches`,
      fix: `Write "${at.text}:*", or the ports`,
    })
  } else if ('problem' in ports) {
    const isSelector = /^(?:group|tag|autogroup)$/.test(selector.text)
    context.error('invalid-port', at, {
      message: `invalid ports in ${quoted(at.text)}: ${ports.problem}`,
      fix: isSelector
        ? `Add the port: "${at.text}:*"`
        : 'Write "*", a port, a range such as 8000-8080, or a list such as 80,443',
    })
    return null
  } else if (
    rules.checksPorts &&
    proto &&
    protocolProblem(proto.text, rules) === null &&
    !hasPorts(proto.text, rules) &&
    !ports.ranges.every(({first, last}) => first === 0 && last === 65_535)
  ) {
    context.error('protocol-without-ports', at, {
      message: `the protocol ${quoted(proto.text)} has no ports, got ${quoted(portText)}`,
      fix: `Write "${selector.text}:*"`,
    })
  }
  checkSelector(context, at, selector, 'dst')
  return selector
}

export function destinationFix(text: string): string {
  const bare = text.replaceAll(/[[\]]/g, '')
  if (bare !== text) return `Write it without brackets: ${quoted(bare)}`
  const who = text.replace(/:$/, '')
  const example = text === '' ? 'tag:web:443' : text.startsWith(':') ? `tag:web${text}` : `${who}:443`
  return `Write WHO:PORTS, such as "${example}" or "*:*"`
}

/** Only users can be the sources of rules for their own nodes. */
function checkSelfSources(context: Context, sources: readonly Text[], others: readonly string[]): void {
  for (const source of sources) {
    const {kind, text} = parseSelector(source.text, context.rules)
    if (['user', 'group', ...others].includes(kind) || text === 'autogroup:member') continue
    context.error('self-needs-users', source, {
      message: `${quoted(text)} cannot be a source for "autogroup:self"`,
      fix: 'Write users, groups or "autogroup:member" as sources, or put the destination into a rule of its own',
    })
  }
}

/** What a policy may grant of the capabilities of tailscale.com. */
const GRANTABLE = ['drive', 'relay', 'webui', 'kubernetes', 'tsidp'].map((name) => `tailscale.com/cap/${name}`)

export function checkGrant(context: Context, grant: Grant): void {
  const {rules} = context
  if (grant.ip.length === 0 && grant.app.length === 0) {
    context.error('empty-grant', grant, {message: 'the grant has neither "ip" nor "app"', fix: 'Add "ip": ["*"]'})
  }
  for (const name of grant.app) {
    if (!name.text.includes('://') && (!name.text.startsWith('tailscale.com/') || GRANTABLE.includes(name.text)))
      continue
    const near = nearest(name.text, GRANTABLE)
    context.error('invalid-capability', name, {
      message: name.text.includes('://')
        ? `the capability ${quoted(name.text)} is a URL`
        : `the capability ${quoted(name.text)} cannot be granted`,
      fix: near ? `Write ${quoted(near)}` : `Write DOMAIN/NAME; of tailscale.com: ${GRANTABLE.join(', ')}`,
    })
  }
  for (const item of grant.src) checkSelector(context, item, parseSelector(item.text, rules), 'src')
  const destinations = grant.dst.map((item) => ({item, selector: parseSelector(item.text, rules)}))
  for (const {item, selector} of destinations) {
    if (selector.kind === 'unknown' && /:[\d*,-]+$/.test(selector.text)) {
      const who = selector.text.replace(/:[\d*,-]+$/, '')
      context.error('invalid-selector', item, {
        message: `a destination of a grant has no ports, got ${quoted(selector.text)}`,
        fix: `Write "${who}", and the ports in "ip"`,
      })
      continue
    }
    checkSelector(context, item, selector, 'dst')
    if (selector.kind === 'prefix' && prefixBits(selector.text)?.bits === 0) {
      context.error('default-route', item, {
        message: `${quoted(selector.text)} cannot be the destination of a grant`,
        fix: 'Write "*" for the tailnet, or "autogroup:internet"',
      })
    }
    if (selector.text === 'autogroup:internet' && grant.app.length > 0) {
      context.error('app-to-internet', item, {
        message: 'a grant with "app" cannot have the destination "autogroup:internet"',
        fix: 'Put it into a grant without "app"',
      })
    }
  }
  for (const item of grant.ip) checkProtocolPorts(context, item)
  for (const tag of grant.via) {
    if (/^tag:[A-Za-z]/.test(tag.text)) context.tag(tag, tag.text)
    else
      context.error('invalid-via', tag, {message: `"via" has tags only, got ${quoted(tag.text)}`, fix: 'Write a tag'})
  }
  if (destinations.some(({selector}) => selector.text === 'autogroup:self')) checkSelfSources(context, grant.src, [])
  checkNobody(context, grant, grant.src, 'sources')
  checkNobody(context, grant, grant.dst, 'destinations')
}

/** `*`, `443`, `tcp:443`. */
function checkProtocolPorts(context: Context, at: Text): void {
  const {text} = at
  if (text === '*') return
  const fix = 'Write "*", ports such as "443" or "8000-8080", or a protocol with ports such as "tcp:443"'
  const parts = text.split(':')
  if (parts.length > 2) {
    context.error('invalid-port', at, {message: `${quoted(text)} has more than one colon`, fix})
    return
  }
  if (parts.length === 2) {
    // Names of protocols are lower case here.
    const problem = protocolProblem(parts[0]!, {...context.rules, looseProtocols: false})
    const isUpper = parts[0] !== parts[0]!.toLowerCase()
    if (problem !== null || isUpper) {
      const message = problem ?? `unknown protocol ${quoted(parts[0]!)}`
      context.error('invalid-protocol', at, {message, fix: isUpper ? `Write "${text.toLowerCase()}"` : fix})
    }
  }
  const ports = parsePorts(parts.at(-1)!, context.rules)
  if ('problem' in ports) {
    context.error('invalid-port', at, {message: `invalid ports in ${quoted(text)}: ${ports.problem}`, fix})
  }
}

export function checkNodeAttr(context: Context, {target, attr, ipPool}: NodeAttr): void {
  for (const item of target) checkSelector(context, item, parseSelector(item.text, context.rules), 'nodeAttrs')
  for (const item of attr) {
    if (item.text !== 'funnel') continue
    context.error('unsupported-attribute', item, {message: 'headscale does not have "funnel"', fix: 'Remove it'})
  }
  for (const item of ipPool) {
    context.error('unsupported-attribute', item, {message: 'headscale does not have "ipPool"', fix: 'Remove it'})
  }
}
