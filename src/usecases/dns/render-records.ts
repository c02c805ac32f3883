/**
 * DNS records for nodes: NAME.DOMAIN of selected nodes, and aliases of any node. All nodes are read once.
 *
 * An alias is the administrator's, a name of a node its owner's: an alias takes precedence, and a wrong one is an error,
 * while a node whose name cannot be used is left out with a warning and does not stop the others.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {type DnsRecord, recordsFor, sortRecords} from '../../domain/dns-record.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {canonicalDnsName, dnsNameProblem} from '../../domain/values/dns-name.ts'
import {HeadscaleError} from '../../errors.ts'
import {withCachedReads} from '../bulk/cached-reads.ts'
import {resolveNode} from '../nodes/resolve-node.ts'
import {filterNodes, resolveSelector} from '../nodes/select-nodes.ts'
import {type Alias, aliasError, ONCE} from './read-aliases.ts'

export interface RecordsRequest {
  /** The domain of the names of nodes, canonical; null for no such names. */
  domain: string | null
  /** The nodes with a name in this domain; null for all. */
  selector: NodeSelector<string> | null
  aliases: readonly Alias[]
  now: Date
}

export interface RenderedRecords {
  /** Sorted, without duplicates. */
  records: DnsRecord[]
  /** Whether there is a domain and no node for it. */
  noNodes: boolean
  /** Nodes that have no record, one sentence each. */
  warnings: string[]
}

/** @throws HeadscaleError as selectNodes; with the place in the file for an alias that is wrong */
export async function renderRecords(
  api: ControlApi,
  {domain, selector, aliases, now}: RecordsRequest,
): Promise<RenderedRecords> {
  const resolved = selector && (await resolveSelector(api, selector))
  const cached = withCachedReads(api)
  const nodes = await cached.nodes.list()
  const selected = domain === null ? [] : resolved ? await filterNodes(cached, nodes, resolved, now) : nodes
  const ofAliases: DnsRecord[] = []
  for (const alias of aliases) ofAliases.push(...(await aliasRecords(cached, alias)))
  const {records, warnings} = nodeRecords(selected, domain ?? '', new Set(aliases.map(({name}) => name)))
  return {
    records: sortRecords([...ofAliases, ...records]),
    noNodes: domain !== null && selected.length === 0,
    warnings,
  }
}

async function aliasRecords(api: ControlApi, {name, nodes, type}: Alias): Promise<DnsRecord[]> {
  const seen = new Set<string>()
  const records: DnsRecord[] = []
  for (const {ref, place} of nodes) {
    const node = await resolveNode(api, ref).catch((error: unknown): never => {
      if (!(error instanceof HeadscaleError) || !IN_FILE.has(error.code)) throw error
      const hint = error.code === 'ambiguous' ? 'write its id, such as id:3' : (error.hint ?? undefined)
      throw aliasError(place, error.message, hint, error.code)
    })
    if (seen.has(node.id)) throw aliasError(place, `node ${describeNode(node)} is specified more than once`, ONCE)
    seen.add(node.id)
    const own = recordsFor(name, node.ipAddresses, type?.only ?? null)
    if (own.length === 0) {
      const family = type === null ? '' : type.only === 'A' ? 'IPv4 ' : 'IPv6 '
      throw aliasError(type?.place ?? place, `node ${describeNode(node)} has no ${family}address`, NO_ADDRESS_HINT)
    }
    records.push(...own)
  }
  return records
}

const NO_ADDRESS_HINT = 'remove the node, or the type; "headscale-ts nodes list" shows its addresses'

/** Errors about a node that the file names. */
const IN_FILE: ReadonlySet<string> = new Set(['not-found', 'ambiguous', 'usage'])

function nodeRecords(
  nodes: readonly Node[],
  domain: string,
  aliases: ReadonlySet<string>,
): {records: DnsRecord[]; warnings: string[]} {
  const warnings: string[] = []
  const records: DnsRecord[] = []
  const byName = Map.groupBy(nodes, ({givenName, hostName}) => canonicalDnsName(`${givenName ?? hostName}.${domain}`))
  for (const [name, [node, ...others]] of byName) {
    const reason = reasonAgainst(name, node!, others, aliases)
    if (reason === null) records.push(...recordsFor(name, node!.ipAddresses))
    else warnings.push(`no record for ${[node!, ...others].map(describeNode).join(' and ')}: ${reason}`)
  }
  return {records, warnings}
}

function reasonAgainst(name: string, node: Node, others: readonly Node[], aliases: ReadonlySet<string>): string | null {
  const problem = dnsNameProblem(name)
  if (problem !== null) return `${JSON.stringify(name)} cannot be a DNS name: ${problem}`
  if (aliases.has(name)) return `${name} is an alias`
  if (others.length > 0) return 'they have the same name'
  return node.ipAddresses.length === 0 ? 'it has no address' : null
}
