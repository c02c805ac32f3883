/**
 * The policy of 0.27 to 0.29 in database mode: stored as text, rejected if it is invalid.
 *
 * The rules of `policy check` decide what is rejected. The server's own words are known for likely mistakes: HuJSON, unknown
 * fields, kinds of values, names of groups and tags, actions, and undefined tags or groups (hscontrol/policy/v2/types.go at
 * v0.29.3). An accepted policy only decides which tags exist.
 */
import {invalidArgument, serverError} from '../../server-error.ts'
import type {Tailnet} from '../../tailnet.ts'
import {text, time, type Handlers} from '../shared/release-simulator.ts'
import {isSameName, readPolicyText, type Policy} from '../shared/policy-text.ts'
import {type Rejection, rejectionOf} from '../shared/policy-verdict.ts'
import {getPolicy} from '../shared/records.ts'
import type {PolicyMessages} from './policy-messages.ts'
import type {ReleaseFacts} from './release-facts.ts'

/** Why the server rejects a policy, or null. The empty text is valid. */
function policyFault(source: string, facts: ReleaseFacts, tailnet: Tailnet): Rejection | null {
  const rejection = source === '' ? null : rejectionOf(source, facts.release, tailnet)
  if (!rejection) return null
  if (rejection.stage === 'ssh') return {stage: 'ssh', message: `compiling SSH policy: ${rejection.message}`}
  return {stage: 'reading', message: likelyFault(source, facts) ?? `parsing policy: ${rejection.message}`}
}

/** The server's words for a likely mistake, or null. */
function likelyFault(source: string, {policyMessages: messages, policyFields}: ReleaseFacts): string | null {
  const result = readPolicyText(source, messages)
  if ('syntaxFault' in result) return `parsing policy: parsing HuJSON: ${result.syntaxFault}`
  if ('fault' in result) return `parsing policy: parsing policy from bytes: ${result.fault}`
  const {policy} = result
  const unknown = policy.fields.find((field) => !policyFields.some((known) => isSameName(known, field)))
  if (unknown !== undefined) return `parsing policy: ${messages.unknownField(unknown)}`
  const fault = decodeFault(policy, messages)
  if (fault) return `parsing policy: parsing policy from bytes: json: cannot unmarshal JSON ${fault}`
  const missing = undefinedName(policy, messages)
  return missing ? `parsing policy: ${missing}` : null
}

function decodeFault({groups, tagOwners, acls}: Policy, messages: PolicyMessages): string | null {
  const group = Object.keys(groups).find((name) => !name.startsWith('group:'))
  if (group !== undefined) {
    return `object into Go v2.Groups within "/groups": ${messages.badGroup(group)}`
  }
  const tag = Object.keys(tagOwners).find((name) => !name.startsWith('tag:'))
  if (tag !== undefined) {
    return `string into Go v2.Tag within "/tagOwners/${tag}": ${messages.badTag(tag)}`
  }
  const index = acls.findIndex(({action}) => action !== 'accept')
  if (index >= 0) {
    return `string into Go v2.Action within "/acls/${index}/action": ${messages.badAction(acls[index]?.action ?? '')}`
  }
  return null
}

function undefinedName({groups, tagOwners, acls}: Policy, messages: PolicyMessages): string | null {
  for (const {src, dst} of acls) {
    for (const [side, name] of [
      ...src.map((source) => ['src', source] as const),
      ...dst.map((target) => ['dst', target.replace(/:[^:]*$/, '')] as const),
    ]) {
      if (name.startsWith('tag:') && !(name in tagOwners)) return messages.noSuchTag(name, side)
      if (name.startsWith('group:') && !(name in groups)) return messages.noSuchGroup(name)
    }
  }
  return null
}

/** Whether the active policy defines a tag. */
export function hasTag({policy, loadedPolicy}: Tailnet, tag: string, {policyMessages}: ReleaseFacts): boolean {
  const source = loadedPolicy ?? policy?.text ?? ''
  const result = source === '' ? null : readPolicyText(source, policyMessages)
  return result !== null && 'policy' in result && tag in result.policy.tagOwners
}

export function policyHandlers(release: ReleaseFacts): Handlers {
  return {
    GetPolicy: getPolicy,

    SetPolicy: (tailnet, request) => {
      const source = text(request, 'policy')
      const fault = policyFault(source, release, tailnet)
      if (fault)
        throw serverError(`${fault.stage === 'ssh' ? 'verifying SSH rules' : 'setting policy'}: ${fault.message}`)
      // the empty text is stored, and the server keeps the active policy until it restarts
      if (source === '') tailnet.loadedPolicy ??= tailnet.policy?.text ?? null
      else tailnet.loadedPolicy = source
      tailnet.policy = {text: source, updatedAt: tailnet.now()}
      return {policy: source, updatedAt: time(tailnet.policy.updatedAt)}
    },

    ...(release.hasAuthAndChecks && {
      CheckPolicy: (tailnet, request) => {
        const fault = policyFault(text(request, 'policy'), release, tailnet)
        if (fault) throw invalidArgument(fault.message)
        return {}
      },
    }),

    Health: () => ({databaseConnectivity: true}),
  }
}
