/** What a policy defines, and findings about references to it. Shared by the checks of both engines. */
import type {Findings, Severity} from '../../diagnostics/finding.ts'
import type {Policy, Text} from '../policy.ts'
import {nearest, rejects} from '../read/decode.ts'
import type {PolicyRelease} from '../releases.ts'

export interface Remarked {
  message: string
  fix: string
  /** Default: that the release rejects the policy. */
  reason?: string
}

/** A text with many mistakes does not need a suggestion for each, and each compares with all names. */
const MAX_SUGGESTIONS = 100

/** A policy, the rules of a release, and where findings go. */
export class Context {
  readonly policy: Policy
  readonly rules: PolicyRelease
  readonly groups: ReadonlyMap<string, readonly Text[]>
  readonly tags: ReadonlyMap<string, readonly Text[]>
  readonly hosts: ReadonlyMap<string, string>
  readonly #findings: Findings
  /** Tags that need no definition. */
  readonly #otherTags: ReadonlySet<string>
  #suggestions = MAX_SUGGESTIONS

  /** @param nodeTags the tags of nodes, where they are known */
  constructor(policy: Policy, rules: PolicyRelease, findings: Findings, nodeTags: readonly string[] = []) {
    this.#otherTags = new Set(rules.engine === 1 && rules.knowsForcedTags ? nodeTags : [])
    this.policy = policy
    this.rules = rules
    this.groups = new Map(policy.groups.map(({name, items}) => [name.text, items]))
    this.tags = new Map(policy.tagOwners.map(({name, items}) => [name.text, items]))
    this.hosts = new Map(policy.hosts.map(({name, address}) => [name.text, address.text]))
    this.#findings = findings
  }

  error(code: string, at: {place: Text['place']; path: string}, remark: Remarked): void {
    this.#add('error', code, at, remark)
  }

  warning(code: string, at: {place: Text['place']; path: string}, remark: Remarked & {reason: string}): void {
    this.#add('warning', code, at, remark)
  }

  /** @param reason why it is an error, where that depends on the tailnet; the same for tag */
  group(at: Text, name: string, reason?: string): void {
    if (this.groups.has(name) || this.#hasPort('undefined-group', at, name, this.groups)) return
    const near = this.#nearest(name, this.groups)
    this.error('undefined-group', at, {
      message: `${quoted(name)} is not defined in "groups"`,
      ...(reason === undefined ? {} : {reason}),
      fix: near ? `Write ${quoted(near)}, or define the group` : `Add ${quoted(name)} to "groups"`,
    })
  }

  tag(at: Text, name: string, reason?: string): void {
    if (this.tags.has(name) || this.#otherTags.has(name)) return
    if (this.#hasPort('undefined-tag', at, name, this.tags)) return
    const near = this.#nearest(name, this.tags)
    this.error('undefined-tag', at, {
      message: `${quoted(name)} is not defined in "tagOwners"`,
      ...(reason === undefined ? {} : {reason}),
      fix: near
        ? `Write ${quoted(near)}, or define the tag`
        : `Add ${quoted(name)} to "tagOwners", with [] if only administrators may set it`,
    })
  }

  host(at: Text, name: string, severity: Severity = 'error'): void {
    if (this.hosts.has(name)) return
    const near = this.#nearest(name, this.hosts)
    const message =
      name === ''
        ? 'the selector is empty'
        : looksLikeAddress(name)
          ? `${quoted(name)} is not an address or a prefix`
          : `${quoted(name)} is not defined in "hosts"`
    const fix = this.#hostFix(name, near)
    if (severity === 'error') this.error('undefined-host', at, {message, fix})
    else this.warning('undefined-host', at, {message, fix, reason: 'the rule does not match any node'})
  }

  /** A name that is defined, with ports where there are none. */
  #hasPort(code: string, at: Text, name: string, known: ReadonlyMap<string, unknown>): boolean {
    const [, who = ''] = /^(.+):[\d*,-]+$/.exec(name) ?? []
    if (!known.has(who)) return false
    this.error(code, at, {message: `${quoted(name)} has a port`, fix: `Write ${quoted(who)}`})
    return true
  }

  #hostFix(name: string, near: string | null): string {
    if (name === '') return 'Remove it'
    if (looksLikeAddress(name)) return 'Write it as 100.64.0.1, 10.0.0.0/24 or fd00:1::/64'
    if (this.groups.has(`group:${name}`)) return `Write "group:${name}"`
    if (this.tags.has(`tag:${name}`)) return `Write "tag:${name}"`
    if (near && near === name.trim()) return `Write ${quoted(near)}`
    const user = `or for a user "${name}@"`
    return near ? `Write ${quoted(near)}, ${user}` : `For a user write "${name}@"; for a host add it to "hosts"`
  }

  #nearest(name: string, known: ReadonlyMap<string, unknown>): string | null {
    return known.size <= 1000 && this.#suggestions-- > 0 ? nearest(name, [...known.keys()]) : null
  }

  #add(
    severity: Severity,
    code: string,
    {place, path}: {place: Text['place']; path: string},
    {message, fix, reason}: Remarked,
  ): void {
    const remark = {message, fix, reason: reason ?? rejects(this.rules.release)}
    if (severity === 'error') this.#findings.error(code, place, path, remark)
    else this.#findings.warning(code, place, path, remark)
  }
}

function looksLikeAddress(text: string): boolean {
  return /^\d+(?:\.\d+){3}(?:\/|$)|\/\d+$/.test(text)
}

export function quoted(text: string): string {
  return JSON.stringify(text)
}
