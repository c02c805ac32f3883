/**
 * `npm run bench`: what the built program costs, as ratios to headscale's own Go CLI and to a bare Node, all taken in
 * this run on this machine against a real headscale. Milliseconds mean nothing elsewhere; ratios travel.
 *
 *   node bench/run.ts [--json] [--save] [--rounds N] [--nodes N] [--executable FILE] [--npm FILE]
 *
 * The table (or JSON) is all that goes to stdout; --save also puts it into bench/results. Budgets are shown, not enforced:
 * exit 1 means that something could not be run. Needs a build (`npm run build`) and headscale 0.29.3 (`npm run
 * build:servers`).
 */
import {existsSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs, stripVTControlCharacters} from 'node:util'

import {build} from '../test/servers/build.ts'
import {run} from '../test/servers/process.ts'
import {cpuSeconds, type Figure, memory, ratio, table, verdict} from './report.ts'
import {save} from './results.ts'
import type {Plan, Sample} from './sample.ts'
import {
  type Bench,
  derpValidate,
  policyCheck,
  environmentOf,
  longestList,
  nodesList,
  oneCommand,
  type Program,
  routesEnable,
  type Scene,
} from './scenes.ts'
import {HEADSCALE, serverWithNodes} from './servers.ts'
import {steps} from './steps.ts'

const ROOT = join(import.meta.dirname, '..')

const {values: options} = parseArgs({
  options: {
    json: {type: 'boolean', default: false},
    save: {type: 'boolean', default: false},
    rounds: {type: 'string', default: '31'},
    nodes: {type: 'string', default: '10000'},
    executable: {type: 'string', default: join(ROOT, `dist/bin/headscale-ts-${process.platform}-${process.arch}`)},
    npm: {type: 'string', default: join(ROOT, 'bin/run.js')},
  },
})
const bench: Bench = {
  executable: options.executable,
  npm: options.npm,
  rounds: Number(options.rounds),
  scratch: mkdtempSync(join(tmpdir(), 'bench-')),
}

/** What a scene measured. A program that does not answer as it should is left out, and said so. */
async function play(scene: Scene): Promise<Figure[]> {
  const {server, programs, answer, bare = [], rounds: times, ratios, seconds = [], memories} = scene
  try {
    const good: Record<string, Program> = {}
    for (const [name, program] of Object.entries(programs)) {
      const problem = bare.includes(name) ? null : await check(program, answer)
      if (problem === null) good[name] = program
      else fail(`left out: ${problem}`)
    }
    const samples = await sample(good, times)
    const figures: Figure[] = []
    for (const {what, of, over, budget} of ratios) {
      const pair = [samples[of], samples[over]]
      if (pair[0] === undefined || pair[1] === undefined) continue
      for (const unit of ['CPU', 'wall'] as const) {
        figures.push(ratio(what, unit, [pair[0], pair[1]], budget?.unit === unit ? budget : {}))
      }
    }
    for (const {what, of, budget} of seconds) if (samples[of]) figures.push(cpuSeconds(what, samples[of], budget))
    for (const {what, of, budget} of memories) if (samples[of]) figures.push(memory(what, samples[of], budget))
    return figures
  } finally {
    await server.stop()
  }
}

/** Runs a program once and sees that it really answers: a fast error must not count as a fast program. */
async function check({command, ...where}: Program, answer: RegExp): Promise<string | null> {
  const {code, stdout, stderr} = await run(command, where)
  if (code === 0 && answer.test(stripVTControlCharacters(stdout))) return null
  return `${command.join(' ')}: exit ${code}, not the answer expected: ${(stderr || stdout).slice(0, 300).trim()}`
}

async function sample(programs: Record<string, Program>, times: number): Promise<Partial<Record<string, Sample[]>>> {
  const plan: Plan = {rounds: times, programs: Object.values(programs)}
  const bun = join(ROOT, 'node_modules/.bin/bun')
  const {code, stdout, stderr} = await run([bun, join(import.meta.dirname, 'sample.ts')], {
    input: JSON.stringify(plan),
    timeout: 1_800_000,
  })
  if (code !== 0) throw new Error(stderr.trim())
  const samples = JSON.parse(stdout) as Sample[][]
  return Object.fromEntries(Object.keys(programs).map((name, index) => [name, samples[index]!]))
}

/** Changes of the Go CLI that are timed; it takes each for itself, so a thousand take as many times longer. */
const GO_CHANGES = 20
const BULK_NODES = 1000

/** One bulk run against a shell loop of the Go CLI: expire a thousand nodes. Also what it needs in memory. */
async function bulkChange(): Promise<Figure[]> {
  const server = await serverWithNodes(BULK_NODES)
  try {
    const where = environmentOf(bench, server)
    const change = ['-c', server.configPath, 'nodes', 'expire']
    const timed = async (command: string[]) => {
      const start = performance.now()
      const {code, stderr} = await run(command, {...where, timeout: 600_000})
      if (code !== 0) throw new Error(`${command.join(' ')}: exit ${code}: ${stderr.slice(0, 300).trim()}`)
      return performance.now() - start
    }
    let loop = 0
    for (let id = 1; id <= GO_CHANGES; id++) loop += await timed([server.bin, ...change, '-i', String(id)])
    const {bulk = []} = await sample(
      {bulk: {...where, command: [options.executable, ...change, '--user', 'default', '--force']}},
      1,
    )
    const what = `${BULK_NODES.toLocaleString('en')} nodes expired: executable`
    return [
      {
        what: `${what} ÷ shell loop of the Go CLI`,
        unit: 'wall',
        value: bulk[0]!.wall / ((loop / GO_CHANGES) * BULK_NODES),
        quartiles: null,
        goal: 1 / 20,
        bound: 1 / 10,
      },
      memory(what, bulk, {goal: 80}),
    ]
  } finally {
    await server.stop()
  }
}

function fail(why: string): void {
  console.error(`bench: ${why}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  for (const file of [options.executable, options.npm]) {
    if (!existsSync(file)) throw new Error(`${file} is not there: npm run build`)
  }
  const module = `headscale-${HEADSCALE}`
  const reason = (await build([module], (line) => console.error(line))).get(module)?.reason
  if (reason) throw new Error(reason)
  const size = statSync(options.executable).size / 1e6
  const scenes: Record<string, () => Promise<Figure[]>> = {
    'one command': async () => play(await oneCommand(bench)),
    'the steps of one command': async () => play(await steps(bench)),
    'derp validate': async () => play(await derpValidate(bench)),
    'policy check': async () => play(await policyCheck(bench)),
    'routes enable': async () => play(await routesEnable(bench)),
    '10 nodes': async () => play(await nodesList(bench, 10)),
    '1,000 nodes': async () => play(await nodesList(bench, 1000)),
    'many nodes': async () => play(await nodesList(bench, Number(options.nodes))),
    '100,000 nodes': async () => play(await longestList(bench)),
    '1,000 changes': bulkChange,
  }
  const figures: Figure[] = []
  for (const [name, scene] of Object.entries(scenes)) {
    const start = performance.now()
    figures.push(...(await scene()))
    console.error(`bench: ${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
  }
  figures.push({what: 'executable, size', unit: 'MB', value: size, quartiles: null, goal: 100, bound: 121})
  if (options.save) save(figures)
  if (options.json) console.log(JSON.stringify(figures.map((figure) => ({...figure, verdict: verdict(figure)}))))
  else process.stdout.write(table(figures))
}

try {
  await main()
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
} finally {
  rmSync(bench.scratch, {recursive: true, force: true})
}
