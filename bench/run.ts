/**
 * `npm run bench`: what the built program costs, as ratios to headscale's own Go CLI and to a bare Node, all taken in
 * this run on this machine against a real headscale. Milliseconds mean nothing elsewhere; ratios travel.
 *
 *   node bench/run.ts [--json] [--rounds N] [--nodes N] [--executable FILE] [--npm FILE]
 *
 * The table (or JSON) is all that goes to stdout. Budgets are shown, not enforced: exit 1 means that something could
 * not be run. Needs a build (`npm run build`) and headscale 0.29.2 (`npm run build:servers`).
 */
import {existsSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs, stripVTControlCharacters} from 'node:util'

import {build} from '../test/servers/build.ts'
import {run} from '../test/servers/process.ts'
import type {RealHeadscale} from '../test/support/real-servers.ts'
import {type Figure, memory, ratio, table, verdict} from './report.ts'
import type {Plan, Sample} from './sample.ts'
import {HEADSCALE, serverWithNodes, serverWithUsers} from './servers.ts'

const ROOT = join(import.meta.dirname, '..')

const {values: options} = parseArgs({
  options: {
    json: {type: 'boolean', default: false},
    rounds: {type: 'string', default: '31'},
    nodes: {type: 'string', default: '10000'},
    executable: {type: 'string', default: join(ROOT, `dist/bin/headscale-ts-${process.platform}-${process.arch}`)},
    npm: {type: 'string', default: join(ROOT, 'bin/run.js')},
  },
})
const nodeCount = Number(options.nodes)
const rounds = Number(options.rounds)

/** A program with its arguments, in the surroundings all of them share. */
type Program = Plan['programs'][number]

/** Where the programs keep what they remember between calls; our own, so that a run begins without. */
const scratch = mkdtempSync(join(tmpdir(), 'bench-'))

function surroundings(server: RealHeadscale, env: Record<string, string> = {}): Pick<Program, 'env' | 'cwd'> {
  // As a user's shell has it: with colours where a program prints them into a pipe.
  return {cwd: scratch, env: {...server.env, NO_COLOR: undefined, HOME: scratch, XDG_CACHE_HOME: scratch, ...env}}
}

/** Runs each program once and checks that it really answers: a fast error must not count as a fast program. */
async function check(programs: Record<string, Program>, expected: Record<string, RegExp>): Promise<void> {
  for (const [name, {command, ...where}] of Object.entries(programs)) {
    const {code, stdout, stderr} = await run(command, where)
    const answer = expected[name]
    if (code === 0 && (answer === undefined || answer.test(stripVTControlCharacters(stdout)))) continue
    throw new Error(`${command.join(' ')}: exit ${code}, not the answer expected: ${(stderr || stdout).slice(0, 500)}`)
  }
}

async function sample<Name extends string>(
  programs: Record<Name, Program>,
  times: number,
): Promise<Record<Name, Sample[]>> {
  const plan: Plan = {rounds: times, programs: Object.values(programs)}
  const bun = join(ROOT, 'node_modules/.bin/bun')
  const {code, stdout, stderr} = await run([bun, join(import.meta.dirname, 'sample.ts')], {
    input: JSON.stringify(plan),
    timeout: 1_800_000,
  })
  if (code !== 0) throw new Error(stderr.trim())
  const samples = JSON.parse(stdout) as Sample[][]
  return Object.fromEntries(Object.keys(programs).map((name, index) => [name, samples[index]])) as Record<
    Name,
    Sample[]
  >
}

/** Both ratios of one program to another; the budget is for one of them. */
function ratios(
  what: string,
  pair: [Sample[], Sample[]],
  budget: {of: 'CPU' | 'wall'; goal: number; bound: number} | null,
): Figure[] {
  return (['CPU', 'wall'] as const).map((unit) => {
    const limits = budget?.of === unit ? {goal: budget.goal, bound: budget.bound} : {}
    return ratio(what, unit, pair, limits)
  })
}

async function oneCommand(): Promise<Figure[]> {
  const server = await serverWithUsers()
  try {
    const socket = surroundings(server)
    const rest = surroundings(server, {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey})
    const list = ['users', 'list']
    // On the server's own machine both command lines read headscale's configuration file.
    const config = ['-c', server.configPath]
    const programs = {
      go: {...socket, command: [server.bin, ...config, ...list]},
      node: {...socket, command: [process.execPath, '-e', '0']},
      executable: {...socket, command: [options.executable, ...config, ...list]},
      npm: {...socket, command: [process.execPath, options.npm, ...config, ...list]},
      executableRest: {...rest, command: [options.executable, ...list]},
      npmRest: {...rest, command: [process.execPath, options.npm, ...list]},
    }
    const {node: _, ...answering} = programs
    await check(answering, Object.fromEntries(Object.keys(answering).map((name) => [name, /\bdefault\b[^]*\bops\b/])))
    const {go, node, executable, npm, executableRest, npmRest} = await sample(programs, rounds)
    return [
      ...ratios('users list, socket: executable ÷ Go CLI', [executable, go], {of: 'CPU', goal: 1.25, bound: 1.6}),
      ...ratios('users list, socket: npm ÷ Go CLI', [npm, go], null),
      ...ratios('users list, socket: npm ÷ node -e 0', [npm, node], {of: 'CPU', goal: 3, bound: 4}),
      ...ratios('users list, HTTP: executable ÷ Go CLI on the socket', [executableRest, go], {
        of: 'CPU',
        goal: 2,
        bound: 3,
      }),
      ...ratios('users list, HTTP: npm ÷ node -e 0', [npmRest, node], null),
      memory('users list, socket: executable', executable, {goal: 60}),
      memory('users list, socket: npm', npm),
      memory('users list, socket: Go CLI', go),
    ]
  } finally {
    await server.stop()
  }
}

async function longList(): Promise<Figure[]> {
  const server = await serverWithNodes(nodeCount)
  try {
    const socket = surroundings(server)
    const list = ['-c', server.configPath, 'nodes', 'list']
    const programs = {
      go: {...socket, command: [server.bin, ...list]},
      executable: {...socket, command: [options.executable, ...list]},
      npm: {...socket, command: [process.execPath, options.npm, ...list]},
    }
    const last = new RegExp(`\\bnode-1\\b[^]*\\bnode-${nodeCount}\\b`)
    await check(programs, {go: last, executable: last, npm: last})
    const {go, executable, npm} = await sample(programs, Math.ceil(rounds / 3))
    const what = `nodes list, ${nodeCount.toLocaleString('en')} nodes`
    return [
      ...ratios(`${what}: executable ÷ Go CLI`, [executable, go], {of: 'wall', goal: 0.25, bound: 0.4}),
      ...ratios(`${what}: npm ÷ Go CLI`, [npm, go], null),
      memory(`${what}: executable`, executable),
      memory(`${what}: npm`, npm),
      memory(`${what}: Go CLI`, go),
    ]
  } finally {
    await server.stop()
  }
}

async function main(): Promise<void> {
  for (const file of [options.executable, options.npm]) {
    if (!existsSync(file)) throw new Error(`${file} is not there: npm run build`)
  }
  const module = `headscale-${HEADSCALE}`
  const reason = (await build([module], (line) => console.error(line))).get(module)?.reason
  if (reason) throw new Error(reason)
  const size = statSync(options.executable).size / 1e6
  const figures: Figure[] = [
    ...(await oneCommand()),
    ...(await longList()),
    {what: 'executable, size', unit: 'MB', value: size, quartiles: null, goal: 120},
  ]
  if (options.json) console.log(JSON.stringify(figures.map((figure) => ({...figure, verdict: verdict(figure)}))))
  else process.stdout.write(table(figures))
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  rmSync(scratch, {recursive: true, force: true})
}
