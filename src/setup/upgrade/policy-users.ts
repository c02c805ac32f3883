/**
 * Users in a policy, which need an "@" from 0.26 on: `alice` becomes `alice@`.
 *
 * To the engine before, a name that is no group, tag, host or address is a user, so the new text means the same.
 */
import {isIP} from 'node:net'
import {parseHuJsonTree} from '../../syntax/json.ts'
import {Findings} from '../../diagnostics/finding.ts'
import {Places, SyntaxProblem} from '../../syntax/tree.ts'
import {decodePolicy} from '../../policy/read/decode.ts'
import {policyRelease} from '../../policy/releases.ts'
import type {Policy, Text} from '../../policy/policy.ts'
import type {Place} from '../../syntax/tree.ts'

/** One name that gets its "@". */
export interface UserEdit {
  name: string
  place: Place
}

/** A text with insertions, and where a position in it was before them. */
export interface EditedPolicy {
  text: string
  edits: UserEdit[]
  /** The place in the text without the insertions. */
  original(place: Place): Place
}

export function unchangedPolicy(text: string): EditedPolicy {
  return {text, edits: [], original: (place) => place}
}

/** @param release the last one with the engine before */
export function withAtSigns(text: string, file: string, release: string): EditedPolicy {
  const policy = read(text, file, release)
  if (policy === null) return unchangedPolicy(text)
  const hosts = new Set(policy.hosts.map(({name}) => name.text))
  const found: {edit: UserEdit; offset: number}[] = []
  for (const {at, name} of namesOf(policy)) {
    if (!isUser(name, hosts)) continue
    // A string with escapes is left to a person.
    const start = at.place.offset + 1
    if (text.slice(start, start + name.length) !== name) continue
    found.push({edit: {name, place: at.place}, offset: start + name.length})
  }
  found.sort((a, b) => a.offset - b.offset)
  const offsets = found.map(({offset}) => offset)
  let edited = ''
  let last = 0
  for (const offset of offsets) {
    edited += `${text.slice(last, offset)}@`
    last = offset
  }
  const places = new Places(file, text)
  return {
    text: edited + text.slice(last),
    edits: found.map(({edit}) => edit),
    original(place) {
      if (place.file !== file) return place
      const inserted = offsets.filter((offset, index) => offset + index < place.offset).length
      return places.at(place.offset - inserted)
    },
  }
}

function read(text: string, file: string, release: string): Policy | null {
  try {
    return decodePolicy(parseHuJsonTree(text, file).root, policyRelease(release), new Findings())
  } catch (error) {
    if (error instanceof SyntaxProblem) return null
    throw error
  }
}

function* namesOf(policy: Policy): Generator<{at: Text; name: string}> {
  const lists = [...policy.groups, ...policy.tagOwners, ...policy.routes].map(({items}) => items)
  const sources = [...policy.acls, ...policy.ssh].map(({src}) => src)
  for (const at of [...lists, ...sources, policy.exitNode, ...policy.ssh.map(({dst}) => dst)].flat()) {
    yield {at, name: at.text}
  }
  for (const at of policy.acls.flatMap(({dst}) => dst)) {
    const colon = at.text.lastIndexOf(':')
    if (colon > 0) yield {at, name: at.text.slice(0, colon)}
  }
}

function isUser(name: string, hosts: ReadonlySet<string>): boolean {
  if (name === '' || name === '*' || name.includes('@') || hosts.has(name)) return false
  return !/^(?:group|tag|autogroup):/.test(name) && isIP(name.replace(/\/\d+$/, '')) === 0
}
