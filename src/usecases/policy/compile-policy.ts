/** `policy compile`: what each node of a tailnet gets from a policy. */
import {HeadscaleError} from '../../errors.ts'
import {type CompiledNode, compilePolicy} from '../../policy/compile/compile.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {compilerOf, type PolicySource, validPolicy} from './access-input.ts'

/** Where SSH rules with the action check send a client, as a placeholder: a policy does not know the server. */
const SERVER_URL = '$SERVER_URL'

/**
 * @param source the text of the policy, and its name for errors
 * @param options.release as policyRelease @param options.names the nodes to print; all when empty
 * @throws HeadscaleError (invalid-input) for a policy that the release rejects, (not-found) for an unknown node, (usage)
 */
export async function compileForNodes(
  source: PolicySource,
  {release, names, tailnet}: {release: string | undefined; names: readonly string[]; tailnet: () => Promise<Tailnet>},
): Promise<CompiledNode[]> {
  const rules = compilerOf(release)
  const known = await tailnet()
  const compiled = compilePolicy(validPolicy(source, rules, known), known, rules, SERVER_URL)
  const unknown = names.find((name) => !compiled.some(({node}) => node === name))
  if (unknown !== undefined) {
    throw new HeadscaleError('not-found', `node ${JSON.stringify(unknown)} is not in the tailnet file`, {
      hint: `its nodes: ${compiled.map(({node}) => node).join(', ')}`,
    })
  }
  return compiled.filter(({node}) => names.length === 0 || names.includes(node))
}
