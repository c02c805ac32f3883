/** Answers of explain as text and as the published JSON. */
import type {Located, Policy} from '../policy.ts'
import type {PolicyExplanationDocument} from '../schemas.ts'
import type {Answer, Note, Question} from './explain.ts'
import {type NearRule, type Reason, reasonText} from './reasons.ts'
import {ruleText} from './rule-text.ts'

/** What is asked, beside the policy. */
export type Asked = Pick<Question, 'protocol' | 'port' | 'sshUser'>

/** Names in one line, before the others are only counted. */
const SHOWN = 8

/** @param policy null for none, which allows everything */
export function answersText(answers: readonly Answer[], asked: Asked, policy: Policy | null): string {
  return answers.map((answer) => answerText(answer, asked, policy)).join('')
}

function answerText(answer: Answer, asked: Asked, policy: Policy | null): string {
  const [sources, destinations] = [short(answer.sources), short(answer.destinations)]
  const lines = [
    `${answer.allowed ? 'allowed' : 'denied'}: ${sources} -> ${destinations}, ${connectionText(asked)}`,
    ...answer.reasons.flatMap((reason) => [
      reasonText(reason, sources, destinations),
      ...reason.rules.map((near) => `  ${nearText(near, policy)}`),
    ]),
    ...answer.rules.map((rule) => `by ${lineOf(rule, policy)}`),
    ...(answer.allowed && policyAllowsAll(answer) ? ['by the policy, which has no rules and allows everything'] : []),
    ...answer.notes.map((note) => `note: ${noteText(note, sources, destinations, policy)}`),
  ]
  return lines.map((line, i) => (i === 0 ? `${line}\n` : `  ${line}\n`)).join('')
}

function connectionText({protocol, port, sshUser}: Asked): string {
  if (sshUser !== null) return `SSH as ${sshUser}`
  if (protocol.name === 'icmp') return 'ping (ICMP)'
  const name = /^\d+$/.test(protocol.name) ? `protocol ${protocol.name}` : protocol.name.toUpperCase()
  return port === null ? (protocol.hasPorts ? `${name}, any port` : name) : `${name} port ${port}`
}

function policyAllowsAll({rules, notes}: Answer): boolean {
  return rules.length === 0 && !notes.some(({code}) => code === 'same-node')
}

function nearText({rule, opens}: NearRule, policy: Policy | null): string {
  return rule === null ? opens : `${opens}: ${lineOf(rule, policy)}`
}

function lineOf(rule: Located, policy: Policy | null): string {
  const {file, line, column, path, text} = ruleText(policy, rule)
  return `${file}:${line}:${column} ${path}: ${text}`
}

function noteText(note: Note, sources: string, destinations: string, policy: Policy | null): string {
  switch (note.code) {
    case 'opposite-direction': {
      const by = note.rule === null ? '' : ` (${lineOf(note.rule, policy)})`
      return `${destinations} can open connections to ${sources}, and answers to them pass${by}`
    }
    case 'offline':
      return `${note.nodes.join(', ')} ${note.nodes.length === 1 ? 'is' : 'are'} offline`
    case 'one-family':
      return `over ${note.family} only`
    case 'subnet':
      return `through ${note.nodes.join(' or ')}; a Linux client must accept routes (tailscale set --accept-routes)`
    case 'exit-node':
      return `only with ${note.nodes.join(' or ')} as the exit node of the client`
    case 'ssh-check':
      return 'the user must log in again before the session (action check)'
    case 'same-node':
      return 'it is the same node, which needs no rule'
  }
}

function short(names: readonly string[]): string {
  if (names.length <= SHOWN) return names.join(', ')
  return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`
}

export function explanationDocument(
  answers: readonly Answer[],
  asked: Asked & {source: string; destination: string; release: string},
  policy: Policy | null,
): PolicyExplanationDocument {
  const {source, destination, protocol, port, sshUser, release} = asked
  return {
    allowed: answers.every(({allowed}) => allowed),
    source,
    destination,
    protocol: sshUser === null ? protocol.name : 'tcp',
    port: sshUser === null ? port : 22,
    sshUser,
    release,
    answers: answers.map((answer) => ({
      allowed: answer.allowed,
      sources: answer.sources,
      destinations: answer.destinations,
      rules: answer.rules.map((rule) => ruleText(policy, rule)),
      reasons: answer.reasons.map((reason) => reasonDocument(reason, answer, policy)),
      notes: answer.notes.map((note) => ({
        code: note.code,
        message: noteText(note, answer.sources.join(', '), answer.destinations.join(', '), policy),
      })),
    })),
  }
}

function reasonDocument(reason: Reason, {sources, destinations}: Answer, policy: Policy | null) {
  return {
    code: reason.code,
    message: reasonText(reason, sources.join(', '), destinations.join(', ')),
    rules: reason.rules.flatMap(({rule, opens}) => (rule === null ? [] : [{...ruleText(policy, rule), opens}])),
  }
}
