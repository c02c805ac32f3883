/** Groups, hosts, owners of tags and approvers of routes, on 0.26 and later. */
import type {NamedList} from '../policy.ts'
import {isPrefix, prefixBits} from '../selector.ts'
import {type Context, quoted} from './names.ts'
import {checkOwner, isName} from './selectors.ts'

export function checkDefinitions(context: Context): void {
  for (const group of context.policy.groups) checkGroup(context, group)
  checkHosts(context)
  checkTagOwners(context)
  for (const {name, items} of context.policy.routes) {
    if (!name.text.includes('/') || prefixBits(name.text) === null) {
      context.error('invalid-prefix', name, {
        message: `${quoted(name.text)} is not a prefix`,
        fix: isPrefix(name.text) ? 'Add its length, such as /32' : 'Write it as 10.0.0.0/24 or fd00:1::/64',
      })
    }
    for (const item of items) checkOwner(context, item, {tags: true, what: 'an approver of routes'})
  }
  for (const item of context.policy.exitNode) {
    checkOwner(context, item, {tags: true, what: 'an approver of exit nodes'})
  }
}

function checkGroup(context: Context, {name, items}: NamedList): void {
  if (!name.text.startsWith('group:')) {
    context.error('invalid-group-name', name, {
      message: `the name of a group starts with "group:", got ${quoted(name.text)}`,
      fix: `Write "group:${name.text}"`,
    })
  }
  for (const member of items) {
    if (member.text.startsWith('group:')) {
      context.error('nested-group', member, {
        message: `${quoted(member.text)} is a group, and cannot be in a group`,
        fix: 'List its members here',
      })
    } else if (!member.text.includes('@')) {
      context.error('invalid-group-member', member, {
        message: `${quoted(member.text)} is not a user: it has no "@"`,
        fix: isName(member.text) ? `Write "${member.text}@"` : 'Write a user, such as "anna@" or "anna@example.com"',
      })
    }
  }
}

function checkHosts(context: Context): void {
  for (const {name, address} of context.policy.hosts) {
    if (/[@:]/.test(name.text)) {
      context.error('invalid-host-name', name, {
        message: `the name of a host has no "@" and no ":", got ${quoted(name.text)}`,
        fix: 'Choose another name',
      })
    }
    if (!isPrefix(address.text)) {
      context.error('invalid-host-address', address, {
        message: `${quoted(address.text)} is not an address or a prefix`,
        fix: 'Write it as 100.64.0.1, 10.0.0.0/24 or fd00:1::/64',
      })
    }
  }
}

function checkTagOwners(context: Context): void {
  const {tagNames, tagsOwnTags, release} = context.rules
  for (const {name, items} of context.policy.tagOwners) {
    const isLetter = /^tag:[A-Za-z]/.test(name.text)
    if (tagNames !== 'any' && !(tagNames === 'letter' ? isLetter : name.text.startsWith('tag:'))) {
      context.error('invalid-tag-name', name, {
        message: `a tag is "tag:" and a name${tagNames === 'letter' ? ' that starts with a letter' : ''}, got ${quoted(name.text)}`,
        fix: name.text.startsWith('tag:') ? 'Choose another name' : `Write "tag:${name.text}"`,
      })
    }
    for (const owner of items) {
      if (!tagsOwnTags && owner.text.startsWith('tag:') && !owner.text.includes('@')) {
        context.error('invalid-owner', owner, {
          message: `${quoted(owner.text)} cannot own a tag on headscale ${release}`,
          fix: 'Write its owners, or use headscale 0.28 or later',
        })
      } else checkOwner(context, owner, {tags: tagsOwnTags, what: 'the owner of a tag'})
    }
    if (
      items.length > 0 &&
      items.every(({text}) => text.startsWith('group:') && context.groups.get(text)?.length === 0)
    ) {
      context.warning('tag-without-owner', name, {
        message: `nobody owns ${quoted(name.text)}: its owners are groups without members`,
        reason: 'no user can join a node with this tag; only administrators can set it',
        fix: 'Add members to the groups, or write []',
      })
    }
  }
  if (tagsOwnTags) checkTagCycles(context)
}

/** Each cycle once, at the first of its tags. */
function checkTagCycles(context: Context): void {
  const {rejectsTagCycles, release} = context.rules
  const done = new Set<string>()
  for (const {name} of context.policy.tagOwners) {
    const chain: string[] = []
    const visit = (tag: string): string[] | null => {
      const start = chain.indexOf(tag)
      if (start !== -1) return chain.slice(start)
      if (done.has(tag) || chain.length > 500) return null
      chain.push(tag)
      for (const owner of context.tags.get(tag) ?? []) {
        if (!owner.text.startsWith('tag:') || owner.text.includes('@')) continue
        const cycle = visit(owner.text)
        if (cycle) return cycle
      }
      done.add(tag)
      chain.pop()
      return null
    }
    const cycle = visit(name.text)
    if (!cycle) continue
    for (const tag of chain) done.add(tag)
    const message =
      cycle.length === 1
        ? `${quoted(cycle[0]!)} owns itself`
        : `tags own each other: ${[...cycle, cycle[0]].join(' → ')}`
    const fix = 'Remove one of these owners'
    if (rejectsTagCycles) context.error('tag-cycle', name, {message, fix})
    else {
      const reason = `headscale ${release} ignores it; a node with the tag does not gain anything by it`
      context.warning('tag-cycle', name, {message, fix, reason})
    }
  }
}
