/**
 * From what an operator typed to one node: by id, IP address, given name, host name or MagicDNS name, `id:N` or
 * `name:X`. Digits alone are an id, never a name; a given name beats a host name. Nothing is guessed.
 */
import {isIP} from 'node:net'
import type {ControlApi} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {HeadscaleError, usageError} from '../../errors.ts'

/** @throws HeadscaleError (not-found), (ambiguous) naming all that fit, (usage) for an empty selector value */
export async function resolveNode(api: ControlApi, wanted: string): Promise<Node> {
  const fits = fitting(await api.nodes.list(), wanted)
  if (fits.length === 1) return fits[0]!
  if (fits.length > 1) {
    throw new HeadscaleError('ambiguous', `"${wanted}" fits several nodes: ${fits.map(describe).join(', ')}`, {
      hint: `say which: ${fits.map(({id}) => `-i ${id}`).join(' or ')}`,
      details: {candidates: fits.map((node) => ({id: node.id, name: nodeName(node)}))},
    })
  }
  throw new HeadscaleError('not-found', `node "${wanted}" does not exist`, {
    hint: /^\d+$/.test(wanted)
      ? `digits are an id; for a node of that name give name:${wanted}. See: headscale-ts nodes list`
      : 'see: headscale-ts nodes list',
  })
}

function fitting(nodes: readonly Node[], wanted: string): Node[] {
  const [, selector, value] = wanted.match(/^(id|name):(.*)$/s) ?? [null, null, wanted]
  if (value!.trim() === '') throw usageError(`"${wanted}" names no node`, 'give an id, a name, id:N or name:X')
  if (selector === 'id' || (!selector && /^\d+$/.test(value!))) return nodes.filter(({id}) => id === value)
  if (!selector && isIP(value!)) return nodes.filter(({ipAddresses}) => ipAddresses.includes(value!))
  return byName(nodes, value!)
}

function byName(nodes: readonly Node[], name: string): Node[] {
  const rules: ((node: Node) => boolean)[] = [
    ({givenName}) => givenName === name,
    ({hostName}) => hostName === name,
    // The base domain is not known here: what precedes the first dot of a MagicDNS name is the given name.
    ({givenName, hostName}) => name.startsWith(`${givenName ?? hostName}.`),
  ]
  for (const rule of rules) {
    const fits = nodes.filter(rule)
    if (fits.length > 0) return fits
  }
  return []
}

function describe(node: Node): string {
  return `${nodeName(node)} (id ${node.id}${node.user ? `, ${node.user.name}` : ''})`
}
