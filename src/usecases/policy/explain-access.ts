/** `policy explain`: whether SRC can reach DST by a policy. */
import {explain, type Answer} from '../../policy/access/explain.ts'
import type {Asked} from '../../policy/access/answers.ts'
import {protocolOf} from '../../policy/access/protocols.ts'
import {meaningOf, splitPort} from '../../policy/access/words.ts'
import {Filter} from '../../policy/compile/filter.ts'
import {SshRules} from '../../policy/compile/ssh.ts'
import {Resolver} from '../../policy/compile/tailnet.ts'
import {usageError} from '../../errors.ts'
import type {AccessInput} from './access-input.ts'

/** The question, as far as it needs no policy. */
export interface Words extends Asked {
  source: string
  /** Without the port. */
  destination: string
}

/** Reads the words of the command line. @throws HeadscaleError (usage) */
export function readQuestion(
  source: string,
  destination: string,
  {proto, ssh}: {proto: string | undefined; ssh: string | undefined},
): Words {
  const {text, port} = splitPort(destination)
  if (ssh === undefined)
    return {source, destination: text, port, protocol: protocolOf(proto ?? 'tcp', port), sshUser: null}
  if (proto !== undefined) throw usageError('--ssh and --proto cannot be used together', 'SSH is over TCP')
  if (port !== null && port !== 22) throw usageError('Tailscale SSH is on port 22', 'leave out the port of DST')
  return {source, destination: text, port: 22, protocol: protocolOf('tcp', 22), sshUser: ssh}
}

/** @throws HeadscaleError (not-found), (ambiguous) for SRC and DST, and as explain */
export function explainAccess({policy, tailnet, rules}: AccessInput, words: Words, now: Date): Answer[] {
  const resolver = new Resolver(policy ?? {groups: [], hosts: []}, tailnet, rules)
  const compiled = {
    resolver,
    filter: new Filter(policy, resolver, rules),
    ssh: new SshRules(policy, resolver, ''),
  }
  const meaning = (word: string, what: 'SRC' | 'DST') => meaningOf(word, {resolver, policy, what})
  const [source, destination] = [meaning(words.source, 'SRC'), meaning(words.destination, 'DST')]
  return explain(compiled, {...words, source, destination, now})
}
