/** Checks nodes and returns the results as text, without times. */
import {checkMap} from '../../../src/derp/check/check-map.ts'
import type {CheckOptions} from '../../../src/derp/check/check-map.ts'
import type {NodeResult, PathResult, RegionResult} from '../../../src/derp/check/result.ts'
import {createMap, createNode, createRegion} from '../../../src/derp/map.ts'
import type {DerpNode} from '../../../src/derp/map.ts'

/** A node at 127.0.0.1 without STUN, so that the result depends on the relay only. */
export function nodeAt(port: number, given: Partial<DerpNode> = {}): DerpNode {
  return createNode({
    name: '900a',
    regionId: 900,
    hostName: '127.0.0.1',
    ipv4: '127.0.0.1',
    ipv6: 'none',
    derpPort: port,
    stunPort: -1,
    ...given,
  })
}

export async function checkOne(node: DerpNode, options: Partial<CheckOptions> = {}): Promise<NodeResult> {
  return (await checkRegion([node], options)).nodes[0]!
}

/** Region 900 of these nodes. */
export async function checkRegion(nodes: DerpNode[], options: Partial<CheckOptions> = {}): Promise<RegionResult> {
  const map = createMap([createRegion({regionId: 900, regionCode: 'test', nodes})])
  const signal = new AbortController().signal
  const result = await checkMap(map, {target: 'test', signal, timeoutMs: 1000, ...options})
  return result.regions[0]!
}

/** `code (health): message`, then expected, found, fix and notes, one line each. */
export function summaryOf({verdict, notes}: NodeResult | PathResult): string[] {
  const {certificate} = verdict
  return [
    `${verdict.code} (${verdict.health}): ${verdict.message}`,
    ...(certificate === null ? [] : [`expected: ${certificate.expected}`, `found: ${certificate.found}`]),
    ...(verdict.fix === null ? [] : [`fix: ${verdict.fix}`]),
    ...notes.map((note) => `note: ${note}`),
  ]
}

/** The steps in order, skipped ones left out: `tcp ok`, `tls failed`. */
export function stepsOf({steps}: PathResult): string[] {
  return steps.filter(({outcome}) => outcome !== 'skipped').map(({name, outcome}) => `${name} ${outcome}`)
}
