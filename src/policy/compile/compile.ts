/** What each node of a tailnet gets from a policy: packet filter and SSH rules, in Tailscale's form. */
import type {Policy} from '../policy.ts'
import type {PolicyRelease} from '../releases.ts'
import {Filter, type FilterRule} from './filter.ts'
import {SshRules} from './ssh.ts'
import type {SshRule} from './ssh-rule.ts'
import {Resolver, type Tailnet} from './tailnet.ts'

export interface CompiledNode {
  node: string
  packetFilter: FilterRule[]
  sshPolicy: {rules: SshRule[]}
}

const NO_POLICY: Pick<Policy, 'groups' | 'hosts'> = {groups: [], hosts: []}

/**
 * @param policy one without errors; null for none, which allows everything
 * @param serverUrl the URL of the server, for SSH rules with the action check
 * @returns the nodes in their order
 */
export function compilePolicy(
  policy: Policy | null,
  tailnet: Tailnet,
  rules: PolicyRelease,
  serverUrl: string,
): CompiledNode[] {
  const resolver = new Resolver(policy ?? NO_POLICY, tailnet, rules)
  const filter = new Filter(policy, resolver, rules)
  const ssh = new SshRules(policy, resolver, serverUrl)
  return resolver.nodes.map((node) => ({
    node: node.node.name,
    packetFilter: filter.forNode(node),
    sshPolicy: {rules: ssh.forNode(node)},
  }))
}
