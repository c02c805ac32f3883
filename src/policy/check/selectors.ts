/** References in the rules of 0.26 and later: groups, tags, hosts and autogroups of each place in a policy. */
import type {Text} from '../policy.ts'
import {nearest} from '../read/decode.ts'
import type {AutogroupPlace} from '../releases.ts'
import {isPrefix, parseSelector, type Selector} from '../selector.ts'
import {type Context, quoted} from './names.ts'

const PLACES: Readonly<Record<AutogroupPlace, string>> = {
  src: 'a source',
  dst: 'a destination',
  sshSrc: 'a source of an SSH rule',
  sshDst: 'a destination of an SSH rule',
  nodeAttrs: 'a target of nodeAttrs',
}

export const KINDS_FIX =
  'Write a user ("anna@"), a group ("group:…"), a tag ("tag:…"), an autogroup, a name from "hosts", an address or "*"'

/** A source, or a destination without its ports. */
export function checkSelector(context: Context, at: Text, selector: Selector, place: AutogroupPlace): void {
  const {kind, text} = selector
  if (kind === 'unknown') reportUnknown(context, at, text, place)
  else if (kind === 'group') context.group(at, text)
  else if (kind === 'tag') context.tag(at, text)
  else if (kind === 'host') context.host(at, text)
  else if (kind === 'autogroup') checkAutogroup(context, at, text, place)
}

function reportUnknown(context: Context, at: Text, text: string, place: AutogroupPlace): void {
  const [, who] = /^(.+):[\d*,-]+$/.exec(text) ?? []
  if (who !== undefined && place !== 'dst') {
    context.error('invalid-selector', at, {
      message: `${PLACES[place]} has no ports, got ${quoted(text)}`,
      fix: `Write ${quoted(who)}`,
    })
    return
  }
  const [, prefix = ''] = /^([^:]*):/.exec(text) ?? []
  const near = nearest(prefix, ['group', 'tag', 'autogroup'])
  context.error('invalid-selector', at, {
    message: `invalid selector ${quoted(text)}`,
    fix: near ? `Write ${quoted(near + text.slice(prefix.length))}` : KINDS_FIX,
  })
}

export function checkAutogroup(context: Context, at: Text, name: string, place: AutogroupPlace): void {
  const {autogroups, autogroupsAt, release} = context.rules
  const allowed = autogroupsAt[place]
  if (allowed.includes(name)) return
  const here = allowed.length === 0 ? 'headscale has none for this place' : `use one of: ${allowed.join(', ')}`
  if (!autogroups.includes(name)) {
    const near = nearest(name, allowed)
    context.error('unknown-autogroup', at, {
      message: `headscale ${release} does not have ${quoted(name)}`,
      fix: near ? `Write ${quoted(near)}` : `Remove it; ${here}`,
    })
    return
  }
  context.error('autogroup-not-allowed', at, {
    message: `${quoted(name)} cannot be ${PLACES[place]}`,
    fix: `Remove it; ${here}`,
  })
}

/** An owner of a tag or an approver of routes: a user, a group, and where it is allowed a tag. */
export function checkOwner(context: Context, at: Text, {tags, what}: {tags: boolean; what: string}): void {
  const {text} = at
  if (text.includes('@')) return
  if (text.startsWith('group:')) context.group(at, text)
  else if (tags && text.startsWith('tag:')) context.tag(at, text)
  else {
    const kinds = `a user ("anna@")${tags ? ', a group ("group:…") or a tag ("tag:…")' : ' or a group ("group:…")'}`
    context.error('invalid-owner', at, {
      message: `${quoted(text)} cannot be ${what}`,
      fix: isName(text) ? `For a user write "${text}@"` : `Write ${kinds}`,
    })
  }
}

/** Whether a text can be the name of a user without its "@". */
export function isName(text: string): boolean {
  return /^[^\s:*@/]+$/.test(text) && !isPrefix(text)
}

/** Whether nobody can match: there are no sources, or only groups without members. */
export function isNobody(context: Context, list: readonly Text[]): boolean {
  return list.every((item) => {
    const {kind, text} = parseSelector(item.text, context.rules)
    return kind === 'group' && context.groups.get(text)?.length === 0
  })
}

/** @param what `sources`, `destinations` @returns whether there is a finding */
export function checkNobody(
  context: Context,
  rule: {place: Text['place']; path: string},
  list: readonly Text[],
  what: string,
): void {
  if (!isNobody(context, list)) return
  context.warning('rule-never-matches', rule, {
    message: list.length === 0 ? `the rule has no ${what}` : `the ${what} of the rule are groups without members`,
    reason: 'the rule never matches',
    fix: list.length === 0 ? `Add ${what}, or remove the rule` : 'Add members to the groups, or remove the rule',
  })
}
