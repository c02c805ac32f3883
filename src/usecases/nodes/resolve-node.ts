/**
 * Finds the one node that a reference names: by id, IP address, given name, host name or MagicDNS name, `id:N` or
 * `name:X`. Digits alone are an id, never a name; a given name takes precedence over a host name. A reference that
 * matches several nodes is rejected.
 */
import {isIP} from 'node:net'
import type {ControlApi} from '../../api/control-api.ts'
import {describeNode, type Node, nodeName} from '../../domain/node.ts'
import {keyHint} from '../../domain/values/secret-kind.ts'
import {HeadscaleError, usageError} from '../../errors.ts'

/**
 * Searches the list of all nodes, whose entries have all fields.
 * @param alone request only this node if it is given by id. This reply lacks the tags that the client requests (up to
 * 0.27) and the serving routes (0.26+)
 * @throws HeadscaleError (not-found), (ambiguous) naming all matches, (usage) for an empty value
 */
export async function resolveNode(
  api: ControlApi,
  ref: string,
  {alone = false}: {alone?: boolean} = {},
): Promise<Node> {
  const {selector, value} = parseRef(ref)
  const node = selector === 'id' && alone ? await getNode(api, value) : null
  if (node) return node
  const matches = matching(await api.nodes.list(), selector, value)
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new HeadscaleError('ambiguous', `"${ref}" matches several nodes: ${matches.map(describeNode).join('; ')}`, {
      hint: `specify one: ${matches.map(({id}) => `-i ${id}`).join(' or ')}`,
      details: {candidates: matches.map((node) => ({id: node.id, name: nodeName(node)}))},
    })
  }
  throw new HeadscaleError('not-found', `node "${ref}" not found`, {
    hint: /^\d+$/.test(ref)
      ? `a number is an id; for a node named ${ref} use name:${ref}. See: headscale-ts nodes list`
      : /\S\s+\S/.test(value)
        ? 'that is one name: give each node as an argument or on a line of its own'
        : (keyHint(value) ?? 'see: headscale-ts nodes list'),
  })
}

function parseRef(ref: string): {selector: 'id' | 'name' | null; value: string} {
  const [, given, value = ''] = ref.match(/^(id|name):(.*)$/s) ?? [null, null, ref]
  if (value.trim() === '') throw usageError(`no node in "${ref}"`, 'use an id, a name, id:N or name:X')
  const selector = given === 'id' || (!given && /^\d+$/.test(value)) ? 'id' : given === 'name' ? 'name' : null
  return {selector, value}
}

/** Ids that fit 64 bits; some servers read 0 as "any node". */
const USABLE_ID = /^[1-9]\d{0,18}$/

/** @returns null when the server has no such node, or answers with another one */
async function getNode(api: ControlApi, id: string): Promise<Node | null> {
  if (!USABLE_ID.test(id)) return null
  try {
    const node = await api.nodes.get(id)
    return node.id === id ? node : null
  } catch (error) {
    // Servers report a missing node with different codes; the list of nodes decides then.
    if (error instanceof HeadscaleError && ['not-found', 'failed', 'invalid-input'].includes(error.code)) return null
    throw error
  }
}

function matching(nodes: readonly Node[], selector: 'id' | 'name' | null, value: string): Node[] {
  if (selector === 'id') return nodes.filter(({id}) => id === value)
  if (!selector && isIP(value)) return nodes.filter(({ipAddresses}) => ipAddresses.includes(value))
  return byName(nodes, value)
}

function byName(nodes: readonly Node[], name: string): Node[] {
  const rules: ((node: Node) => boolean)[] = [
    ({givenName}) => givenName === name,
    ({hostName}) => hostName === name,
    // The base domain is not known here; the part before the first dot of a MagicDNS name is the given name.
    ({givenName, hostName}) => name.startsWith(`${givenName ?? hostName}.`),
  ]
  for (const rule of rules) {
    const matches = nodes.filter(rule)
    if (matches.length > 0) return matches
  }
  return []
}
