/**
 * Every command with selectors that is not a list: the line that runs it without changing anything, the objects of the
 * tailnet that it would change, and how its output tells which it chose.
 */
import {runHere} from '../../support/program.ts'
import type {Fixture} from '../../support/fixture.ts'
import type {Facts} from './tailnet.ts'

export interface ChangeCommand {
  /** Its name in docs/selectors.md. */
  command: string
  /** The command line without selectors. */
  line: readonly string[]
  objects: 'nodes' | 'pre-auth keys' | 'API keys'
  /** The objects that it can choose, by id; all if absent. */
  among?(facts: Facts): readonly string[]
  /** Flags of the other commands for these objects that it does not have. */
  without?: readonly string[]
  /** Its own name for a flag that has another meaning in it. */
  renamed?: Readonly<Record<string, string>>
  /** First and last minor release that can do it; all when absent. */
  since?: number
  until?: number
  /** Runs the line; by default as a dry run. */
  choose?: typeof dryRun
}

/** The objects that a run chose, by id in ascending order, or only how many. */
export interface Choice {
  status: number
  stdout: string
  stderr: string
  ids: readonly string[] | null
  count: number
}

const offline = ({nodes, online}: Facts) => nodes.filter((name) => !online.includes(name))

export const CHANGE_COMMANDS: readonly ChangeCommand[] = [
  {command: 'nodes expire', line: ['nodes', 'expire'], objects: 'nodes'},
  {command: 'nodes delete', line: ['nodes', 'delete'], objects: 'nodes'},
  {command: 'nodes tag', line: ['nodes', 'tag', '--add', 'tag:new'], objects: 'nodes', since: 16},
  {command: 'nodes ensure-tags', line: ['nodes', 'ensure-tags', '-t', 'tag:new'], objects: 'nodes', since: 16},
  {command: 'nodes rename', line: ['nodes', 'rename', '--to', 'x-{id}'], objects: 'nodes', since: 16},
  {
    command: 'nodes move',
    line: ['nodes', 'move', '--user', 'carol'],
    objects: 'nodes',
    renamed: {user: 'from-user'},
    since: 16,
    until: 27,
  },
  {
    command: 'nodes approve-routes',
    line: ['nodes', 'approve-routes', '-r', ''],
    objects: 'nodes',
    among: () => ['web-1', 'db-4'],
  },
  {
    command: 'routes enable',
    line: ['routes', 'enable', '--all'],
    objects: 'nodes',
    among: () => ['web-2'],
    without: ['route'],
  },
  {
    command: 'routes disable',
    line: ['routes', 'disable', '--all'],
    objects: 'nodes',
    among: () => ['web-1', 'db-4'],
    without: ['route'],
  },
  {
    command: 'nodes prune',
    line: ['nodes', 'prune', '--include-tagged', '--include-routers', '--offline-for', '1ms'],
    objects: 'nodes',
    among: offline,
    without: ['offline'],
  },
  {command: 'nodes wait', line: ['nodes', 'wait', '--for', 'available=192.0.2.0/24'], objects: 'nodes', choose: wait},
  {command: 'nodes watch', line: ['nodes', 'watch'], objects: 'nodes', choose: watch},
  {
    command: 'preauthkeys expire',
    line: ['preauthkeys', 'expire'],
    objects: 'pre-auth keys',
    among: () => ['1', '3'],
  },
  {command: 'preauthkeys delete', line: ['preauthkeys', 'delete'], objects: 'pre-auth keys', since: 28},
  {
    command: 'preauthkeys prune',
    line: ['preauthkeys', 'prune'],
    objects: 'pre-auth keys',
    among: () => ['2'],
    since: 28,
  },
  {
    command: 'apikeys expire',
    line: ['apikeys', 'expire'],
    objects: 'API keys',
    // That in use must be named.
    among: ({apiKeys: {all, short, inUse}}) => all.filter((id) => id !== short && !inUse.includes(id)),
  },
  {
    command: 'apikeys delete',
    line: ['apikeys', 'delete'],
    objects: 'API keys',
    among: ({apiKeys: {all, inUse}}) => all.filter((id) => !inUse.includes(id)),
    since: 23,
  },
  {
    command: 'apikeys prune',
    line: ['apikeys', 'prune'],
    objects: 'API keys',
    among: ({apiKeys: {short}}) => [short],
    since: 23,
  },
]

const inOrder = (ids: readonly string[]) => [...new Set(ids)].toSorted((a, b) => Number(a) - Number(b))

/** What a dry run would change. A route is a change of its node, which the summary names. */
export async function dryRun(line: readonly string[], {env}: Fixture, now: Date): Promise<Choice> {
  const outcome = await runHere([...line, '--dry-run', '-o', 'json'], {env, now: () => now})
  const {changes = []} = (outcome.stdout === '' ? {} : JSON.parse(outcome.stdout)) as {
    changes?: {id: string | null; summary: string}[]
  }
  const ids = inOrder(changes.map(({id, summary}) => id ?? summary.match(/ node .*\(id (\d+),/)![1]!))
  return {...outcome, ids, count: ids.length}
}

/** The nodes that lack what it waits for, of which the error names three. */
async function wait(line: readonly string[], {env}: Fixture, now: Date): Promise<Choice> {
  let passed = 0
  const outcome = await runHere([...line, '--timeout', '1s'], {
    env,
    now: () => new Date(now.getTime() + passed),
    sleep: async (ms) => void (passed += ms),
  })
  const named = outcome.stderr.match(/ \(id \d+\) does not advertise /g)?.length ?? 0
  const more = Number(outcome.stderr.match(/; (\d+) more\n/)?.[1] ?? 0)
  return {...outcome, status: outcome.status === 11 ? 0 : outcome.status, ids: null, count: named + more}
}

/** How many nodes it watches, until it is interrupted before it reads them again. */
async function watch(line: readonly string[], {env}: Fixture, now: Date): Promise<Choice> {
  let interrupt = () => {}
  const outcome = await runHere(line, {
    env,
    now: () => now,
    interrupt: (press) => (interrupt = press),
    sleep: async () => interrupt(),
  })
  const count = Number(outcome.stderr.match(/^note: watching (\d+) nodes?:/m)?.[1] ?? -1)
  return {...outcome, status: outcome.status === 130 ? 0 : outcome.status, ids: null, count}
}
