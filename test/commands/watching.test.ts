/** `nodes watch`: lines, documents, selectors, --exec, and a server that is away. Time is a counter, so no test waits. */
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {SCHEMAS} from '../../src/render/document/schemas.ts'
import {startSandbox, type Sandbox} from '../../src/sandbox/index.ts'
import {type Outcome, runHere, scratchFolder} from '../support/program.ts'

const SEED = {
  users: [{name: 'ops'}],
  nodes: [
    {name: 'router', user: 'ops', routes: ['10.0.0.0/24'], createdAt: '2025-01-01T00:00:00Z'},
    {name: 'web-1', user: 'ops', online: false, createdAt: '2025-01-01T00:00:00Z'},
  ],
  pending: [{key: '2'.repeat(24), name: 'web-2', online: true}],
}

const NOTE = (nodes: string, seconds: number) =>
  `note: watching ${nodes}: the list is read every ${seconds} s; what happens in between is not seen\n`

let folder: string
let socketPath: string
let env: Record<string, string | undefined>
let server: Sandbox
const start = async () => void (server = await startSandbox({release: '0.29', seed: SEED, socketPath}))
beforeEach(async () => {
  folder = scratchFolder()
  socketPath = join(folder, 'hs.sock')
  env = {HEADSCALE_UNIX_SOCKET: socketPath, PATH: process.env.PATH}
  await start()
})
afterEach(() => server.close())

const change = async (...line: string[]) => {
  expect(await runHere(line, {env})).toMatchObject({status: 0})
}

/** Runs a line; in each pause one step is done, and after the last one Ctrl-C is pressed. */
async function watch(line: readonly string[], steps: readonly (() => Promise<unknown>)[]): Promise<Outcome> {
  let time = Date.parse('2026-01-01T00:00:00Z')
  let press = () => {}
  const left = [...steps]
  return runHere(['nodes', 'watch', ...line], {
    env,
    now: () => new Date(time),
    interrupt: (given) => (press = given),
    async sleep(ms) {
      time += ms
      const step = left.shift()
      if (step) await step()
      else press()
    },
  })
}

const EVENTS = [
  () => change('nodes', 'rename', 'web-1', 'web'),
  () => change('routes', 'enable', 'router', '10.0.0.0/24'),
  () => change('nodes', 'register', '-u', 'ops', '--key', `hskey-authreq-${'2'.repeat(24)}`),
  () => change('nodes', 'delete', 'web', '--force'),
]

test('prints a line for each event, and ends with 130 at Ctrl-C', async () => {
  const {status, stdout, stderr} = await watch([], EVENTS)
  expect([status, stderr]).toEqual([130, NOTE('2 nodes', 5)])
  expect(stdout.split('\n')).toEqual([
    '2026-01-01 00:00:05 | renamed          | web (id 2, ops, 10.1.0.2, offline): web-1 → web',
    '2026-01-01 00:00:10 | route-approved   | router (id 1, ops, 10.1.0.1, online): 10.0.0.0/24',
    '2026-01-01 00:00:10 | route-serving    | router (id 1, ops, 10.1.0.1, online): 10.0.0.0/24',
    '2026-01-01 00:00:15 | joined           | web-2 (id 3, ops, 10.1.0.3, online)',
    '2026-01-01 00:00:20 | left             | web (id 2, ops, 10.1.0.2, offline)',
    '',
  ])
})

test('-o json-line prints a document for each event', async () => {
  const {status, stdout, stderr} = await watch(['-o', 'json-line', '--interval', '1s'], EVENTS)
  expect(status).toBe(130)
  expect(JSON.parse(stderr)).toEqual({warnings: [NOTE('2 nodes', 1).slice('note: '.length).trim()]})
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as {time: string; type: string; before: unknown})
  for (const event of events) expect(SCHEMAS['node-event']!.parse(event)).toEqual(event)
  expect(events.map(({time, type, before}) => [time, type, before])).toEqual([
    ['2026-01-01T00:00:01Z', 'renamed', 'web-1'],
    ['2026-01-01T00:00:02Z', 'route-approved', null],
    ['2026-01-01T00:00:02Z', 'route-serving', null],
    ['2026-01-01T00:00:03Z', 'joined', null],
    ['2026-01-01T00:00:04Z', 'left', null],
  ])
})

test('selectors narrow it, also to a node that an event takes out of the selection', async () => {
  const {stdout, stderr} = await watch(['--offline'], EVENTS)
  expect(stderr).toBe(NOTE('1 node', 5))
  expect(stdout.match(/(?<=^[^|]*\| )\w+/gm)).toEqual(['renamed', 'left'])
})

test('a server that is away is noted, and what changed meanwhile is printed', async () => {
  const {status, stdout, stderr} = await watch(
    ['--interval', '10s'],
    [
      () => server.close(),
      async () => {},
      async () => {
        await start()
        await change('nodes', 'rename', 'web-1', 'web')
      },
    ],
  )
  expect(status).toBe(130)
  expect(stdout).toMatch(/^2026-01-01 00:00:30 \| renamed/)
  expect(stderr.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^note: 2026-01-01T00:00:10Z: .*; trying again$/),
    'note: 2026-01-01T00:00:30Z: the server answers again, after 20s',
    '',
  ])
})

test('a server that is away from the beginning is an error', async () => {
  await server.close()
  expect(await watch([], [])).toMatchObject({status: 7, stdout: ''})
})

describe('--exec', () => {
  function script(text: string): string {
    const path = join(folder, 'on event.sh')
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o700)
    return path
  }

  test('runs a program for each event, with the document and variables', async () => {
    const seen = join(folder, 'seen')
    const program = script(
      `cat >>"$2"; echo "$1 $HEADSCALE_TS_EVENT_TYPE $HEADSCALE_TS_EVENT_NODE_NAME $HEADSCALE_TS_EVENT_BEFORE" >>"$2"`,
    )
    const {status, stderr} = await watch(['--exec', program, '--', '$HOME; a  b', seen], EVENTS.slice(0, 1))
    expect([status, stderr]).toEqual([130, NOTE('2 nodes', 5)])
    const [document, facts] = readFileSync(seen, 'utf8').split('\n')
    expect(JSON.parse(document!)).toMatchObject({type: 'renamed', before: 'web-1', after: 'web', node: {id: '2'}})
    expect(facts).toBe('$HOME; a  b renamed web web-1')
  })

  test('a name with shell syntax is data', async () => {
    const {stdout} = await watch(
      ['--exec', 'sh', '--', '-c', 'test "$HEADSCALE_TS_EVENT_NODE_ID" = 2'],
      EVENTS.slice(0, 1),
    )
    expect(stdout).toContain('renamed')
  })

  test('a program that fails is a warning, and the watch goes on', async () => {
    const {status, stdout, stderr} = await watch(['--exec', script('exit 3')], EVENTS.slice(0, 2))
    expect([status, stdout.trimEnd().split('\n').length]).toEqual([130, 3])
    expect(stderr).toContain('ended with status 3 at 2026-01-01T00:00:05Z: renamed, web (id 2')
  })

  test.for([
    [['--exec', 'no such program'], '--exec: no program "no such program"'],
    [['--exec', './missing.sh'], '--exec: no program "./missing.sh"'],
    [['--', 'a'], 'arguments after -- are for the program of --exec'],
    [['--exec', ''], '--exec has an empty value'],
    [['--interval', '0'], 'invalid value "0" for --interval: it is zero'],
    [['router'], 'unexpected argument'],
  ] as const)('%j is rejected before anything is read', async ([line, message]) => {
    const {status, stdout, stderr} = await watch(line, [])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
