/**
 * The policy of 0.23 to 0.26 in data base mode: stored as text, refused when it cannot be one.
 *
 * As in the simulators after it, only the commonest mistakes are found. 0.24 to 0.26 put a policy to work before they find
 * out that it cannot be compiled: refused, it stays in the memory of the server, and every registration and change of a
 * user is done and answered with an error until a good one is set. Texts: hscontrol/policy/acls.go at v0.23.0 and
 * v0.25.1, policy/v2 at v0.26.1.
 */
import {serverError} from '../../server-error.ts'
import type {Tailnet} from '../../tailnet.ts'
import {text, time, type Handlers} from '../shared/release-simulator.ts'
import {kindOf, readPolicyText, type DecodeMessages, type Policy} from '../shared/policy-text.ts'
import {getPolicy} from '../shared/records.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** What 0.23 to 0.25 say about a text that does not decode. */
const ACL_POLICY: DecodeMessages = {
  notPolicy: (kind) =>
    `unmarshalling policy, err: json: cannot unmarshal ${kind} into Go value of type policy.ACLPolicy`,
  wrongField: (field, kind) => {
    const types = {
      groups: 'policy.Groups',
      hosts: 'map[string]string',
      tagOwners: 'policy.TagOwners',
      acls: '[]policy.ACL',
    }
    return `unmarshalling policy, err: json: cannot unmarshal ${kind} into Go struct field ACLPolicy.${field} of type ${types[field]}`
  },
  wrongGroup: (_group, value) =>
    value === null
      ? null
      : `unmarshalling policy, err: json: cannot unmarshal ${kindOf(value)} into Go struct field ACLPolicy.groups of type []string`,
  tooDeep: 'unmarshalling policy, err: exceeded max depth',
  duplicate: null,
}

/** The same of 0.26. */
const POLICY: DecodeMessages = {
  notPolicy: (kind) => `parsing policy from bytes: json: cannot unmarshal ${kind} into Go value of type v2.Policy`,
  wrongField: (field, kind) => {
    const types = {
      groups: 'map[string][]string',
      hosts: 'map[string]string',
      tagOwners: 'v2.TagOwners',
      acls: '[]v2.ACL',
    }
    return `parsing policy from bytes: json: cannot unmarshal ${kind} into Go struct field Policy.${field} of type ${types[field]}`
  },
  wrongGroup: (_group, value) =>
    value === null
      ? null
      : `parsing policy from bytes: json: cannot unmarshal ${kindOf(value)} into Go struct field Policy.groups of type []string`,
  tooDeep: 'parsing policy from bytes: exceeded max depth',
  duplicate: null,
}

/** @returns the policy, or what is wrong with its text whatever the tailnet holds */
function read(source: string, {policy: reading}: ReleaseFacts): {policy: Policy} | {fault: string} {
  const second = reading === 'second'
  const result = readPolicyText(source, second ? POLICY : ACL_POLICY)
  if ('syntaxFault' in result) return {fault: `parsing ${second ? 'HuJSON: ' : 'hujson, err: '}${result.syntaxFault}`}
  if ('fault' in result) return result
  const {groups, hosts, acls} = result.policy
  if (second) {
    const fault = secondFault(result.policy)
    return fault ? {fault} : result
  }
  // tag owners alone do not make a policy
  const isEmpty = acls.length + Object.keys(groups).length + Object.keys(hosts).length === 0
  return isEmpty ? {fault: 'empty policy'} : result
}

function secondFault({groups, tagOwners, acls}: Policy): string | null {
  const group = Object.keys(groups).find((name) => !name.startsWith('group:'))
  if (group !== undefined)
    return `parsing policy from bytes: Group has to start with "group:", got: ${JSON.stringify(group)}`
  const undefinedOf = (name: string): string[] => {
    const reference = 'is not defined in the Policy, please define or remove the reference to it'
    if (name.startsWith('tag:') && !(name in tagOwners)) return [`Tag ${JSON.stringify(name)} ${reference}`]
    if (name.startsWith('group:') && !(name in groups)) return [`Group ${JSON.stringify(name)} ${reference}`]
    return []
  }
  const faults = acls.flatMap(({src, dst}) => [...src, ...dst.map(withoutPort)].flatMap(undefinedOf))
  return faults.length > 1 ? `${faults.length} errors:\n\t${faults.join('\n\t')}` : (faults[0] ?? null)
}

function withoutPort(target: string): string {
  return target.replace(/:[^:]*$/, '')
}

/** Why a policy cannot be compiled for the tailnet as it is, or null. */
function compileFault({groups, tagOwners, acls}: Policy, tailnet: Tailnet, second: boolean): string | null {
  const aliasFault = (name: string) => {
    if (name.startsWith('group:') && !(name in groups)) return `group ${name} isn't registered. invalid group`
    if (!name.startsWith('tag:') || name in tagOwners || tailnet.nodes.some(({tags}) => tags.includes(name)))
      return null
    return `invalid tag. ${name} isn't owned by a TagOwner and no forced tags are defined`
  }
  for (const [index, {action, src, dst}] of acls.entries()) {
    if (action !== 'accept') return 'invalid action'
    if (second) continue
    for (const [position, name] of src.entries()) {
      const fault = aliasFault(name)
      if (fault) return `parsing policy, acl index: ${index}->${position}: ${fault}`
    }
    const fault = dst.map((target) => aliasFault(withoutPort(target))).find(Boolean)
    if (fault) return fault
  }
  return null
}

/**
 * What 0.24 to 0.26 do after a user or a node has come or gone: compile the policy at work anew.
 * @throws ServerError when it cannot be, though the thing is done
 */
export function checkLoadedPolicy(tailnet: Tailnet, release: ReleaseFacts, what: 'user' | 'node'): void {
  if (release.policy === 'first') return
  const source = tailnet.loadedPolicy ?? tailnet.policy?.text ?? ''
  const result = source === '' ? null : read(source, release)
  const fault = result && 'policy' in result ? compileFault(result.policy, tailnet, release.policy === 'second') : null
  if (fault) throw serverError(`updating resources using ${what}: compiling filter rules: ${fault}`)
}

export function policyHandlers(release: ReleaseFacts): Handlers {
  const first = release.policy === 'first'
  return {
    GetPolicy: getPolicy,

    SetPolicy: (tailnet, request) => {
      const source = text(request, 'policy')
      // 0.24 and later store the empty text and go on with the policy they have
      if (source !== '' || first) {
        const result = read(source, release)
        if ('fault' in result) {
          throw serverError(
            `${first ? 'loading ACL policy file: ' : 'setting policy: parsing policy: '}${result.fault}`,
          )
        }
        if (!first) tailnet.loadedPolicy = source
        const fault = compileFault(result.policy, tailnet, release.policy === 'second')
        if (fault)
          throw serverError(
            `${first ? 'verifying policy rules: ' : 'setting policy: compiling filter rules: '}${fault}`,
          )
      }
      if (source === '' && !first) tailnet.loadedPolicy ??= tailnet.policy?.text ?? null
      tailnet.policy = {text: source, updatedAt: tailnet.now()}
      return {policy: source, updatedAt: time(tailnet.policy.updatedAt)}
    },
  }
}
