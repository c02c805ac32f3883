/** The relays of the map that the server sends to clients, checked from this machine as `derp check` does. */
import {HeadscaleError} from '../../errors.ts'
import type {CheckResult, NodeResult} from '../../derp/check/result.ts'
import {formatEndpoint} from '../../derp/check/diagnose.ts'
import {derpPortOf} from '../../derp/map.ts'
import {sentence} from '../check-run.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'
import type {ServerConfig} from '../server-config.ts'

/** Of each step of a relay, in milliseconds. */
const STEP_MS = 5000

export async function checkRelays(
  config: ServerConfig | null,
  release: string | undefined,
  {cwd, now, signal, moreRoots}: {cwd: string; now(): Date; signal: AbortSignal; moreRoots: readonly string[]},
): Promise<Verdict> {
  if (config === null) return skipped('no config file of the server; headscale-ts derp check MAP needs none')
  const [{loadMap}, {behaviourOf}, {checkMap}] = await Promise.all([
    import('../../derp/read/source.ts'),
    import('../../derp/releases.ts'),
    import('../../derp/check/check-map.ts'),
  ])
  const {path} = config
  let loaded
  try {
    loaded = await loadMap(path, {behaviour: behaviourOf(release), cwd, limits: {timeout: STEP_MS}})
  } catch (cause) {
    if (!(cause instanceof HeadscaleError)) throw cause
    const words = ['Clients have no relay, or keep the one that the server read earlier', cause.hint] as const
    const problem = error('relay-map', [
      `The DERP map cannot be read: ${cause.message}`,
      words[0],
      sentence(words[1] ?? `headscale-ts derp validate --config ${path}`),
    ])
    return {target: path, seen: 'the map cannot be read', problems: [problem]}
  }
  const {map, warnings} = loaded
  const problems = warnings.map((text) =>
    warning('relay-map', [
      sentence(text),
      'Its relays are missing from the map of clients',
      `headscale-ts derp validate --config ${path}`,
    ]),
  )
  const options = {target: path, signal, timeoutMs: STEP_MS, moreRoots, now}
  const result = await checkMap(map, options)
  const nodes = result.regions.flatMap((region) => region.nodes)
  return {
    target: path,
    seen: seenOf(result),
    problems: [...problems, ...nodes.flatMap((node) => relayProblems(node, path))],
  }
}

function seenOf({regions}: CheckResult): string {
  const nodes = regions.flatMap((region) => region.nodes)
  if (nodes.length === 0) return 'no relays'
  const good = nodes.filter(({verdict: {health}}) => health !== 'broken' && health !== 'unreachable').length
  return `${good} of ${nodes.length} relays work`
}

function relayProblems({node, paths, verdict}: NodeResult, path: string): Problem[] {
  const {code, health, message, fix} = verdict
  // A relay that admits only known clients answers no more than this.
  if (health === 'ok' || health === 'restricted' || code === 'no-route') return []
  const kind = `relay-${code.replace(/^relay-/, '')}`
  const address = paths.find((each) => each.verdict.code === code)?.address ?? node.hostName
  const where = formatEndpoint({address, port: derpPortOf(node)})
  const subject = `Relay ${node.name} (${where}): ${message}`
  const more = `headscale-ts derp check ${path} --node ${node.name}`
  const remedy = fix === null ? more : `${sentence(fix)}; details: ${more}`
  if (health === 'degraded') {
    return [warning(kind, [subject, 'Clients can use the relay, but not everything works', remedy])]
  }
  return [
    error(health === 'unreachable' ? 'relay-unreachable' : kind, [
      subject,
      'Clients that cannot reach each other directly have no connection through it',
      remedy,
    ]),
  ]
}
