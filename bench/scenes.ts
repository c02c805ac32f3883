/** What is measured: each scene is a server, programs that do the same, and the figures to report. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {startSandbox} from '../src/sandbox/index.ts'
import type {RealHeadscale} from '../test/support/real-servers.ts'
import type {Budget} from './report.ts'
import type {Plan} from './sample.ts'
import {serverWithNodes, serverWithUsers} from './servers.ts'

/** A program with its arguments, in the environment that all of them share. */
export type Program = Plan['programs'][number]

/** What the scenes run. */
export interface Bench {
  executable: string
  /** The npm program, run by this Node. */
  npm: string
  rounds: number
  /** A folder for caches and files, empty at the start. */
  scratch: string
}

/** A server, the programs that do the same, and the ratios and memories to report. */
export interface Scene {
  server: Pick<RealHeadscale, 'stop'>
  programs: Record<string, Program>
  /** What every program prints, except those that are bare. */
  answer: RegExp
  /** Programs that do nothing and print nothing. */
  bare?: readonly string[]
  rounds: number
  ratios: {what: string; of: string; over: string; budget?: Budget & {unit: 'CPU' | 'wall'}}[]
  /** CPU time that is promised in seconds. */
  seconds?: {what: string; of: string; budget?: Budget}[]
  memories: {what: string; of: string; budget?: Budget}[]
}

export function environmentOf(
  {scratch}: Bench,
  server: {env: Record<string, string | undefined>},
  env: Record<string, string> = {},
): Pick<Program, 'env' | 'cwd'> {
  // As a user's shell has it: with colours where a program prints them into a pipe.
  return {cwd: scratch, env: {...server.env, NO_COLOR: undefined, HOME: scratch, XDG_CACHE_HOME: scratch, ...env}}
}

const CPU = (goal: number, bound: number) => ({unit: 'CPU', goal, bound}) as const

export async function oneCommand(bench: Bench): Promise<Scene> {
  const server = await serverWithUsers()
  const {executable, npm, rounds} = bench
  const socket = environmentOf(bench, server)
  const rest = environmentOf(bench, server, {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey})
  const list = ['users', 'list']
  // On the server's own machine both command lines read headscale's configuration file.
  const config = ['-c', server.configPath]
  return {
    server,
    rounds,
    answer: /\bdefault\b[^]*\bops\b/,
    bare: ['node'],
    programs: {
      go: {...socket, command: [server.bin, ...config, ...list]},
      node: {...socket, command: [process.execPath, '-e', '0']},
      executable: {...socket, command: [executable, ...config, ...list]},
      npm: {...socket, command: [process.execPath, npm, ...config, ...list]},
      executableRest: {...rest, command: [executable, ...list]},
      npmRest: {...rest, command: [process.execPath, npm, ...list]},
    },
    ratios: [
      {what: 'users list, socket: executable ÷ Go CLI', of: 'executable', over: 'go', budget: CPU(1, 1.25)},
      {what: 'users list, socket: npm ÷ Go CLI', of: 'npm', over: 'go'},
      {what: 'users list, socket: npm ÷ node -e 0', of: 'npm', over: 'node', budget: CPU(2.5, 3.2)},
      {
        what: 'users list, HTTP: executable ÷ Go CLI on the socket',
        of: 'executableRest',
        over: 'go',
        budget: CPU(1.6, 2.2),
      },
      {what: 'users list, HTTP: npm ÷ node -e 0', of: 'npmRest', over: 'node'},
    ],
    memories: [
      {what: 'users list, socket: executable', of: 'executable', budget: {goal: 50, bound: 60}},
      {what: 'users list, socket: npm', of: 'npm'},
      {what: 'users list, socket: Go CLI', of: 'go'},
    ],
  }
}

/** A list of a real server. @param count nodes; the start of the server takes a time that grows with their square */
export async function nodesList(bench: Bench, count: number): Promise<Scene> {
  const server = await serverWithNodes(count)
  const socket = environmentOf(bench, server)
  const list = ['-c', server.configPath, 'nodes', 'list']
  const what = `nodes list, ${count.toLocaleString('en')} nodes`
  const isLong = count >= 10_000
  return {
    server,
    rounds: Math.ceil(bench.rounds / 3),
    answer: new RegExp(`\\bnode-1\\b[^]*\\bnode-${count}\\b`),
    programs: {
      go: {...socket, command: [server.bin, ...list]},
      executable: {...socket, command: [bench.executable, ...list]},
      npm: {...socket, command: [process.execPath, bench.npm, ...list]},
    },
    ratios: [
      {
        what: `${what}: executable ÷ Go CLI`,
        of: 'executable',
        over: 'go',
        ...(isLong && {budget: {unit: 'wall', goal: 0.2, bound: 0.25} as const}),
      },
      {what: `${what}: npm ÷ Go CLI`, of: 'npm', over: 'go'},
    ],
    memories: isLong
      ? ['executable', 'npm', 'go'].map((of) => ({what: `${what}: ${of === 'go' ? 'Go CLI' : of}`, of}))
      : [],
  }
}

/** A route is approved and taken back. */
export async function routesEnable(bench: Bench): Promise<Scene> {
  const server = await serverWithNodes(10)
  const where = environmentOf(bench, server)
  const both = (...lines: string[]) => ({...where, command: ['sh', '-c', lines.join(' && ')]})
  const ours = `${bench.executable} -c ${server.configPath}`
  const go = `${server.bin} -c ${server.configPath} nodes approve-routes -i 1`
  return {
    server,
    rounds: bench.rounds,
    answer: /Node updated|10\.0\.0\.0\/24/,
    programs: {
      go: both(`${go} -r 10.0.0.0/24`, `${go} -r ''`),
      executable: both(`${ours} routes enable -i 1 -r 10.0.0.0/24`, `${ours} routes disable -i 1 -r 10.0.0.0/24`),
    },
    ratios: [{what: 'routes enable, routes disable: executable ÷ Go CLI', of: 'executable', over: 'go'}],
    memories: [],
  }
}

/** A list that is longer than a real server can hold: the sandbox, as headscale 0.29. */
export async function longestList(bench: Bench): Promise<Scene> {
  const [short, long] = [10_000, 100_000] as const
  const servers = [await sandboxWithNodes(bench, short), await sandboxWithNodes(bench, long)]
  const where = environmentOf(bench, {env: process.env})
  const list = (socketPath: string, ...flags: string[]) => ['nodes', 'list', '--socket', socketPath, ...flags]
  const [few, many] = servers.map(({socketPath}) => socketPath) as [string, string]
  return {
    server: {stop: async () => void (await Promise.all(servers.map(({close}) => close())))},
    rounds: Math.min(3, bench.rounds),
    answer: /node-1\b[^]*node-10000\b/,
    programs: {
      few: {...where, command: [bench.executable, ...list(few)]},
      many: {...where, command: [bench.executable, ...list(many)]},
      json: {...where, command: [bench.executable, ...list(many, '-o', 'json')]},
      npm: {...where, command: [process.execPath, bench.npm, ...list(many)]},
    },
    ratios: [
      {
        what: 'nodes list, sandbox: 100,000 nodes ÷ 10,000 nodes',
        of: 'many',
        over: 'few',
        budget: CPU(10, 12),
      },
    ],
    memories: [
      {what: 'nodes list, sandbox, 100,000 nodes: executable', of: 'many', budget: {goal: 1024}},
      {what: 'nodes list -o json, sandbox, 100,000 nodes: executable', of: 'json', budget: {goal: 1024}},
      {what: 'nodes list, sandbox, 100,000 nodes: npm', of: 'npm', budget: {goal: 1024}},
    ],
  }
}

async function sandboxWithNodes({scratch}: Bench, count: number) {
  const socketPath = join(scratch, `${count}.sock`)
  const nodes = Array.from({length: count}, (_, i) => ({name: `node-${i + 1}`, user: 'ops', online: i % 2 === 0}))
  const seed = {prefixes: ['10.0.0.0/8'], users: [{name: 'ops'}], nodes}
  const {close} = await startSandbox({release: '0.29', seed, socketPath})
  return {socketPath, close}
}

/** A command without a server. */
export async function derpValidate(bench: Bench): Promise<Scene> {
  const file = join(bench.scratch, 'map.yaml')
  const region = (id: number) =>
    `  ${id}:\n    regionid: ${id}\n    regioncode: r${id}\n    regionname: Region ${id}\n    nodes:\n` +
    `      - {name: ${id}a, regionid: ${id}, hostname: derp${id}.example.com, stunport: 3478, derpport: 443}\n`
  writeFileSync(file, `regions:\n${Array.from({length: 1000}, (_, i) => region(i + 1)).join('')}`)
  const where = environmentOf(bench, {env: process.env})
  return {
    server: {stop: async () => {}},
    rounds: Math.ceil(bench.rounds / 3),
    answer: /headscale-ts|map\.yaml/,
    programs: {
      version: {...where, command: [bench.executable, '--version']},
      validate: {...where, command: [bench.executable, 'derp', 'validate', file]},
    },
    ratios: [{what: 'derp validate, 1,000 regions: executable ÷ its --version', of: 'validate', over: 'version'}],
    memories: [{what: 'derp validate, 1,000 regions: executable', of: 'validate'}],
  }
}

/** A policy of 5,000 rules on 1,000 groups, tags and hosts, without a server; also with 1,000 users and nodes, and tests. */
export async function policyCheck(bench: Bench): Promise<Scene> {
  const file = join(bench.scratch, 'policy.hujson')
  const ids = Array.from({length: 1000}, (_, i) => i)
  const tailnet = join(bench.scratch, 'tailnet.yaml')
  const policy = {
    groups: Object.fromEntries(ids.map((i) => [`group:g${i}`, [`user${i}@example.com`]])),
    hosts: Object.fromEntries(ids.map((i) => [`host${i}`, `10.0.${i >> 8}.${i & 255}`])),
    tagOwners: Object.fromEntries(ids.map((i) => [`tag:t${i}`, [`group:g${i}`]])),
    acls: Array.from({length: 5000}, (_, i) => ({
      action: 'accept',
      src: [`group:g${i % 1000}`, `user${i % 1000}@example.com`],
      dst: [`tag:t${i % 1000}:${i + 1}`, `host${i % 1000}:80,443`],
    })),
    tests: ids.filter((i) => i % 20 === 1).map((i) => ({src: `user${i}@example.com`, accept: [`tag:t${i}:${i + 1}`]})),
  }
  writeFileSync(file, JSON.stringify(policy))
  // Every second node belongs to a tag, and its user has another one.
  const users = ids.map((i) => `  - {name: user${i}, email: user${i}@example.com}\n`)
  const nodes = ids.map(
    (i) => `  - {name: node${i}, user: user${i ^ 1}${i % 2 === 0 ? '' : `, tags: ['tag:t${i}']`}}\n`,
  )
  writeFileSync(tailnet, `users:\n${users.join('')}nodes:\n${nodes.join('')}`)
  const where = environmentOf(bench, {env: process.env})
  return {
    server: {stop: async () => {}},
    rounds: Math.ceil(bench.rounds / 3),
    answer: /headscale-ts|policy\.hujson: 5000 rules/,
    programs: {
      version: {...where, command: [bench.executable, '--version']},
      check: {...where, command: [bench.executable, 'policy', 'check', file]},
      npm: {...where, command: [process.execPath, bench.npm, 'policy', 'check', file]},
      onTailnet: {...where, command: [bench.executable, 'policy', 'check', file, '--tailnet', tailnet]},
      npmOnTailnet: {...where, command: [process.execPath, bench.npm, 'policy', 'check', file, '--tailnet', tailnet]},
    },
    ratios: [
      {what: 'policy check, 5,000 rules: executable ÷ its --version', of: 'check', over: 'version'},
      {what: 'policy check, 5,000 rules on 1,000 nodes: executable ÷ its --version', of: 'onTailnet', over: 'version'},
    ],
    seconds: [
      {what: 'policy check, 5,000 rules on 1,000 nodes: executable', of: 'onTailnet', budget: {goal: 1}},
      {what: 'policy check, 5,000 rules on 1,000 nodes: npm', of: 'npmOnTailnet', budget: {goal: 1}},
    ],
    memories: [
      {what: 'policy check, 5,000 rules on 1,000 nodes: executable', of: 'onTailnet', budget: {goal: 300}},
      {what: 'policy check, 5,000 rules on 1,000 nodes: npm', of: 'npmOnTailnet', budget: {goal: 300}},
      {what: 'policy check, 5,000 rules: executable', of: 'check', budget: {goal: 300}},
      {what: 'policy check, 5,000 rules: npm', of: 'npm', budget: {goal: 300}},
    ],
  }
}
