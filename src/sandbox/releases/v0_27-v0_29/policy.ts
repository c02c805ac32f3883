/**
 * The policy of 0.27 to 0.29 in data base mode: stored as text, refused when it cannot be one.
 *
 * Only what a script under test is likely to get wrong is checked: HuJSON, unknown fields, names of groups and tags,
 * actions, and tags or groups nobody defined. The policy has no effect but on which tags exist. Texts:
 * hscontrol/policy/v2/types.go at v0.29.2.
 */
import {parseHuJson} from '../../hujson.ts'
import {invalid, refuse} from '../../server-error.ts'
import type {Tailnet} from '../../tailnet.ts'
import {text, time, type Handlers} from '../shared/release-simulator.ts'
import {getPolicy} from '../shared/records.ts'
import type {PolicyWords} from './policy-words.ts'
import type {NodesRelease} from './release.ts'

const FIELDS = new Set([
  'groups',
  'hosts',
  'tagOwners',
  'acls',
  'grants',
  'nodeAttrs',
  'autoApprovers',
  'ssh',
  'tests',
  'sshTests',
  'randomizeClientPort',
])

interface Policy {
  groups?: Record<string, unknown>
  tagOwners?: Record<string, unknown>
  acls?: {action?: string; src?: string[]; dst?: string[]}[]
}

/** What is wrong with a policy, in the server's words, or null. The empty text is a policy. */
function policyFault(source: string, words: PolicyWords): string | null {
  if (source === '') return null
  const parsed = parseHuJson(source)
  if ('fault' in parsed) return `parsing policy: parsing HuJSON: ${parsed.fault}`
  const policy = parsed.value as Policy
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    const kind = policy === null ? 'null' : Array.isArray(policy) ? 'array' : typeof policy
    return `parsing policy: parsing policy from bytes: json: cannot unmarshal JSON ${kind} into Go v2.Policy`
  }
  const unknown = Object.keys(policy).find((field) => !FIELDS.has(field))
  if (unknown !== undefined) return `parsing policy: ${words.unknownField(unknown)}`
  const fault = decodeFault(policy, words)
  if (fault) return `parsing policy: parsing policy from bytes: json: cannot unmarshal JSON ${fault}`
  const stranger = undefinedName(policy, words)
  return stranger ? `parsing policy: ${stranger}` : null
}

function decodeFault({groups = {}, tagOwners = {}, acls = []}: Policy, words: PolicyWords): string | null {
  const group = Object.keys(groups).find((name) => !name.startsWith('group:'))
  if (group !== undefined) {
    return `object into Go v2.Groups within "/groups": ${words.badGroup(group)}`
  }
  const tag = Object.keys(tagOwners).find((name) => !name.startsWith('tag:'))
  if (tag !== undefined) {
    return `string into Go v2.Tag within "/tagOwners/${tag}": ${words.badTag(tag)}`
  }
  const index = acls.findIndex(({action}) => action !== 'accept')
  if (index >= 0) {
    return `string into Go v2.Action within "/acls/${index}/action": ${words.badAction(acls[index]?.action ?? '')}`
  }
  return null
}

function undefinedName({groups = {}, tagOwners = {}, acls = []}: Policy, words: PolicyWords): string | null {
  for (const {src = [], dst = []} of acls) {
    for (const [side, name] of [
      ...src.map((source) => ['src', source] as const),
      ...dst.map((target) => ['dst', target.replace(/:[^:]*$/, '')] as const),
    ]) {
      if (name.startsWith('tag:') && !(name in tagOwners)) return words.noSuchTag(name, side)
      if (name.startsWith('group:') && !(name in groups)) return words.noSuchGroup(name)
    }
  }
  return null
}

/** Whether the policy at work defines a tag. */
export function hasTag({policy, loadedPolicy}: Tailnet, tag: string): boolean {
  const source = loadedPolicy ?? policy?.text ?? ''
  const parsed = source === '' ? null : parseHuJson(source)
  return parsed !== null && 'value' in parsed && tag in ((parsed.value as Policy).tagOwners ?? {})
}

export function policyHandlers(release: NodesRelease): Handlers {
  return {
    GetPolicy: getPolicy,

    SetPolicy: (tailnet, request) => {
      const source = text(request, 'policy')
      const fault = policyFault(source, release.policyWords)
      if (fault) throw refuse(`setting policy: ${fault}`)
      // the empty text is stored, and the server goes on with the policy it has until it is started again
      if (source === '') tailnet.loadedPolicy ??= tailnet.policy?.text ?? null
      else tailnet.loadedPolicy = source
      tailnet.policy = {text: source, updatedAt: tailnet.now()}
      return {policy: source, updatedAt: time(tailnet.policy.updatedAt)}
    },

    ...(release.hasAuthAndChecks && {
      CheckPolicy: (_tailnet, request) => {
        const fault = policyFault(text(request, 'policy'), release.policyWords)
        if (fault) throw invalid(fault)
        return {}
      },
    }),

    Health: () => ({databaseConnectivity: true}),
  }
}
