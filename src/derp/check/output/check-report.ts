/**
 * A check as a framed report: a table per region with a line per address, then the problems with their fixes.
 *
 * All text of relays and maps passes through printable.
 */
import type {Painter} from '../../../render/table.ts'
import {printable} from '../../../text/untrusted.ts'
import {derpPortOf, stunPortOf} from '../../map.ts'
import type {CheckResult, Health, NodeResult, PathResult, RegionResult, Step, StepName, Verdict} from '../result.ts'
import type {Change} from '../relay/watch.ts'
import {formatEndpoint} from '../diagnose.ts'

const HEAD = ['Node', 'Address', 'TCP', 'TLS', 'HTTP', 'Relay', 'Packet', 'STUN', 'Verdict']

/** The whole report; it ends with a newline. `paint` returns the text as it is when there is no colour. */
export async function checkReport(result: CheckResult, paint: Painter): Promise<string> {
  const {framedTable} = await import('../../../render/report/frame.ts')
  const blocks = result.regions.map((region) => {
    const frame = framedTable(
      HEAD.map((text) => paint('header', text)),
      region.nodes.flatMap((node) => nodeRows(node, paint)),
    )
    const remarks = region.nodes.flatMap(nodeRemarks)
    const notes = region.notes.map((note) => `note: ${note}`)
    return [regionTitle(region, paint), frame, ...notes, ...remarks].join('\n')
  })
  return `${[...blocks, summary(result, paint)].join('\n\n')}\n`
}

function regionTitle({region, health}: RegionResult, paint: Painter): string {
  const code = region.regionCode === '' ? '' : ` ${printable(region.regionCode)}`
  const name = region.regionName === '' ? '' : ` (${printable(region.regionName)})`
  return `Region ${region.regionId}${code}${name}: ${paint(toneOf(health), health)}`
}

function nodeRows({node, paths, verdict}: NodeResult, paint: Painter): string[][] {
  const name = printable(node.name)
  const verdictCell = ({code, health}: Verdict): string => paint(toneOf(health), code)
  if (paths.length === 0)
    return [[name, printable(node.hostName), ...Array.from({length: 6}, () => '-'), verdictCell(verdict)]]
  return paths.map((path) => [
    name,
    endpointOf(node, path),
    ...(['tcp', 'tls', 'http', 'relay', 'packet', 'stun'] as const).map((step) => stepCell(path, step, paint)),
    verdictCell(path.verdict),
  ])
}

function endpointOf(node: NodeResult['node'], {address}: PathResult): string {
  return formatEndpoint({address, port: node.stunOnly ? (stunPortOf(node) ?? 0) : derpPortOf(node)})
}

function stepCell({steps}: PathResult, name: StepName, paint: Painter): string {
  const step = steps.find((each) => each.name === name)!
  const upgrade = steps.find((each) => each.name === 'upgrade')!
  if (step.outcome === 'failed' || (name === 'http' && upgrade.outcome === 'failed')) return paint('bad', 'FAILED')
  return step.ms === null ? '-' : formatMs(step.ms)
}

function formatMs(ms: number): string {
  return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** Problems and notes of a node, per address. */
function nodeRemarks({node, paths, verdict, notes}: NodeResult): string[] {
  const own = paths.length === 0 ? verdictLines(verdict) : notes.map((note) => `note: ${note}`)
  const blocks = paths.map((path): [string, string[]] => {
    const lines = path.verdict.health === 'ok' ? [] : verdictLines(path.verdict)
    const unknownClient = path.steps.find((step) => step.name === 'unknown-client')!
    if (unknownClient.outcome === 'ok') lines.push(`note: ${unknownClient.detail}`)
    return [endpointOf(node, path), [...lines, ...path.notes.map((note) => `note: ${note}`)]]
  })
  return [[printable(node.hostName), own] as const, ...blocks].flatMap(([where, lines]) =>
    lines.length === 0 ? [] : ['', `${printable(node.name)} ${where}`, ...lines.map((line) => `  ${printable(line)}`)],
  )
}

function verdictLines({code, message, fix, certificate}: Verdict): string[] {
  const lines = [`${code}: ${message}`]
  if (certificate !== null) lines.push(`expected: ${certificate.expected}`, `found: ${certificate.found}`)
  if (fix !== null) lines.push(`fix: ${fix}`)
  return lines
}

function summary({regions, health}: CheckResult, paint: Painter): string {
  const nodes = regions.flatMap((region) => region.nodes)
  const good = nodes.filter((node) => node.verdict.health === 'ok').length
  const seen = new Set(
    nodes
      .flatMap((node) => node.paths)
      .flatMap(({mapped, steps}) => (mapped !== null && !hasFailed(steps, 'stun') ? [mapped] : [])),
  )
  const addresses = [...new Set([...seen].map((mapped) => mapped.replace(/:\d+$/, '')))].slice(0, 4)
  const own = addresses.length === 0 ? '' : `\nSTUN reports this machine as ${addresses.join(', ')}`
  const [first] = nodes
  const count =
    nodes.length === 1 && first !== undefined
      ? `${first.node.name}: ${first.verdict.code}`
      : `${good} of ${nodes.length} nodes work`
  return `${paint(toneOf(health), printable(count))}${own}`
}

function hasFailed(steps: readonly Step[], name: StepName): boolean {
  return steps.some((step) => step.name === name && step.outcome === 'failed')
}

/** A later round of `--watch`: a line per address that changed, nothing if none did. */
export function roundReport({startedAt}: CheckResult, changes: readonly Change[], paint: Painter): string {
  const time = startedAt.toISOString().slice(0, 19)
  const lines = changes.map(({node, address, before, after}) => {
    const was = before === null ? 'new' : before.code
    const what = `${was} -> ${paint(toneOf(after.health), after.code)}`
    return `${time}Z ${printable(node)} ${printable(address)} ${what}: ${printable(after.message)}\n`
  })
  return lines.join('')
}

function toneOf(health: Health): 'good' | 'bad' | 'plain' {
  if (health === 'ok') return 'good'
  return health === 'broken' || health === 'unreachable' ? 'bad' : 'plain'
}
