/**
 * Where clients dial a node (tailscale derp/derphttp and net/netcheck, v1.102).
 *
 * A literal in ipv4 or ipv6 is dialed as it is, also when the node has no hostname. An empty one means DNS, and any
 * other text disables the family. STUNTestIP redirects the STUN probes of its family and disables those of the other.
 */
import {isIP} from 'node:net'
import {derpPortOf, stunPortOf} from '../map.ts'
import type {DerpNode} from '../map.ts'
import {RelayProtocolError} from '../net/byte-reader.ts'
import {codeOf} from '../net/fault.ts'
import type {CheckContext} from './context.ts'
import {verdict} from './verdict.ts'
import type {Verdict} from './result.ts'

/** One way to reach a node. */
export interface Path {
  family: 4 | 6
  /** A literal. */
  address: string
  /** Where STUN is asked; null when the node has none for this family. */
  stun: {address: string; port: number} | null
}

/** The ways to reach a node, or why there is none. */
export type NodeAddresses = {notes: string[]; dnsMs: number | null} & (
  | {paths: Path[]; failure: null}
  | {paths: []; failure: Verdict}
)

/** A name with more addresses than this is not a relay of your own. */
const MAX_PER_FAMILY = 4

const FAMILIES = [4, 6] as const

/** Finds the addresses of a node. Throws only when the check is aborted. */
export async function nodeAddresses(node: DerpNode, context: CheckContext): Promise<NodeAddresses> {
  const problem = mapProblem(node)
  if (problem !== null) return {paths: [], failure: verdict('invalid-map', {message: problem}), notes: [], dnsMs: null}

  const written = {4: node.ipv4, 6: node.ipv6}
  const found: Record<4 | 6, string[]> = {4: [], 6: []}
  const notes: string[] = []
  let dnsMs: number | null = null
  for (const family of FAMILIES) if (isIP(written[family]) === family) found[family] = [written[family]]

  const open = FAMILIES.filter((family) => written[family] === '')
  const literal = isIP(node.hostName)
  if (literal !== 0) {
    if (open.includes(literal as 4 | 6)) found[literal as 4 | 6] = [node.hostName]
  } else if (open.length > 0 && node.hostName !== '') {
    const start = performance.now()
    try {
      const answers = await lookUp(node.hostName, context)
      for (const family of open) {
        const all = [...new Set(answers.filter((answer) => answer.family === family).map(({address}) => address))]
        found[family] = all.slice(0, MAX_PER_FAMILY)
        if (all.length > MAX_PER_FAMILY)
          notes.push(`${all.length} IPv${family} addresses, ${MAX_PER_FAMILY} of them checked`)
      }
    } catch (error) {
      context.signal.throwIfAborted()
      // An address in the map still serves the other family.
      if (found[4].length + found[6].length === 0)
        return {paths: [], failure: dnsFailure(node, error), notes, dnsMs: null}
    }
    dnsMs = performance.now() - start
  }

  const paths = FAMILIES.flatMap((family) =>
    found[family].map((address) => ({family, address, stun: stunTarget(node, family, address)})),
  )
  if (paths.length > 0) return {paths, failure: null, notes, dnsMs}
  return {paths: [], failure: dnsFailure(node, null), notes, dnsMs}
}

function mapProblem(node: DerpNode): string | null {
  const port = derpPortOf(node)
  const off = (text: string, family: 4 | 6): boolean => text !== '' && isIP(text) !== family
  if (off(node.ipv4, 4) && off(node.ipv6, 6)) return 'ipv4 and ipv6 are both disabled'
  if (node.hostName === '') {
    if (isIP(node.ipv4) !== 4 && isIP(node.ipv6) !== 6) return 'the node has no hostname and no address'
  } else if (!/^[^\s/:@[\]]+$/.test(node.hostName) && isIP(node.hostName) === 0) {
    return `invalid hostname ${JSON.stringify(node.hostName)}`
  }
  if (!node.stunOnly && (port < 1 || port > 65_535)) return `invalid derpport ${port}`
  if (node.stunOnly && stunPortOf(node) === null) return 'the node is STUN only and its STUN is disabled'
  return null
}

function stunTarget(node: DerpNode, family: 4 | 6, address: string): Path['stun'] {
  const port = stunPortOf(node)
  if (port === null) return null
  if (node.stunTestIp === '') return {address, port}
  return isIP(node.stunTestIp) === family ? {address: node.stunTestIp, port} : null
}

async function lookUp(
  host: string,
  {lookup, timeoutMs, signal}: CheckContext,
): Promise<{address: string; family: number}[]> {
  const {promise, reject} = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  const timer = setTimeout(() => reject(new RelayProtocolError('timeout', 'no answer from DNS')), timeoutMs)
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    signal.throwIfAborted()
    return await Promise.race([lookup(host), promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

function dnsFailure(node: DerpNode, error: unknown): Verdict {
  const code = codeOf(error)
  if (error instanceof RelayProtocolError || code === 'EAI_AGAIN') {
    return verdict('no-address', {
      message: `DNS does not answer for ${node.hostName}`,
      fix: 'check the resolver of this machine; the relay may work from other machines',
    })
  }
  if (error === null || code === 'ENOTFOUND' || code === 'ENODATA') {
    return verdict('no-address', {message: `${node.hostName} has no address`})
  }
  return verdict('no-address', {message: `${node.hostName} lookup failed: ${code || String(error)}`})
}
