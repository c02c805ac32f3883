/**
 * The policy of 0.23 to 0.26 in database mode: stored as text, rejected if it is invalid.
 *
 * The rules of `policy check` decide what is rejected; the server's own words are known for common mistakes. 0.24 to 0.26 load a policy before they compile it: a rejected one stays in
 * the memory of the server, and every registration and change of a user succeeds but answers an error, until a valid
 * policy is set. Texts: hscontrol/policy/acls.go at v0.23.0 and
 * v0.25.1, policy/v2 at v0.26.1.
 */
import {serverError} from '../../server-error.ts'
import type {Tailnet} from '../../tailnet.ts'
import {text, time, type Handlers} from '../shared/release-simulator.ts'
import {kindOf, readPolicyText, type DecodeMessages, type Policy} from '../shared/policy-text.ts'
import {type Rejection, rejectionOf} from '../shared/policy-verdict.ts'
import {getPolicy} from '../shared/records.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** The errors of 0.23 to 0.25 for a text that cannot be decoded. */
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

/** The same for 0.26. */
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

/** @returns the policy, or the error for its text, which does not depend on the tailnet */
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
  // a policy with only tag owners counts as empty
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

/** Why a policy cannot be compiled for the current tailnet, or null. */
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

const CONTEXTS: Record<'first' | 'later', Record<Rejection['stage'], string>> = {
  first: {reading: 'loading ACL policy file: ', compiling: 'verifying policy rules: ', ssh: 'verifying SSH rules: '},
  later: {
    reading: 'setting policy: parsing policy: ',
    compiling: 'setting policy: compiling filter rules: ',
    ssh: 'verifying SSH rules: ',
  },
}

/** Why the server rejects a policy, or null. */
function faultOf(source: string, release: ReleaseFacts, tailnet: Tailnet): Rejection | null {
  const rejection = rejectionOf(source, release.release, tailnet)
  if (!rejection) return null
  const result = read(source, release)
  if ('fault' in result) return {stage: 'reading', message: result.fault}
  if (rejection.stage === 'reading') return rejection
  const message = compileFault(result.policy, tailnet, release.policy === 'second')
  return message === null ? rejection : {stage: 'compiling', message}
}

/**
 * What 0.24 to 0.26 do after a user or a node was added or removed: compile the active policy again.
 * @throws ServerError if that fails, although the change is done
 */
export function checkLoadedPolicy(tailnet: Tailnet, release: ReleaseFacts, what: 'user' | 'node'): void {
  if (release.policy === 'first') return
  const source = tailnet.loadedPolicy ?? tailnet.policy?.text ?? ''
  const fault = source === '' ? null : faultOf(source, release, tailnet)
  if (fault?.stage !== 'compiling') return
  throw serverError(`updating resources using ${what}: compiling filter rules: ${fault.message}`)
}

export function policyHandlers(release: ReleaseFacts): Handlers {
  const first = release.policy === 'first'
  return {
    GetPolicy: getPolicy,

    SetPolicy: (tailnet, request) => {
      const source = text(request, 'policy')
      // 0.24 and later store the empty text and keep the active policy
      const fault = source === '' && !first ? null : faultOf(source, release, tailnet)
      if (source !== '' && !first && fault?.stage !== 'reading') tailnet.loadedPolicy = source
      if (fault) throw serverError(CONTEXTS[first ? 'first' : 'later'][fault.stage] + fault.message)
      if (source === '' && !first) tailnet.loadedPolicy ??= tailnet.policy?.text ?? null
      tailnet.policy = {text: source, updatedAt: tailnet.now()}
      return {policy: source, updatedAt: time(tailnet.policy.updatedAt)}
    },
  }
}
