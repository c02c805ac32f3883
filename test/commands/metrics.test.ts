/** `metrics`: the whole text for one tailnet, unusual names, and the file for the textfile collector. */
import {chmodSync, readdirSync, readFileSync, statSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, expect, test} from 'vitest'
import {expositionText} from '../../src/render/metrics/exposition.ts'
import type {SeedData} from '../../src/sandbox/index.ts'
import {readExposition} from '../support/exposition.ts'
import {type Outcome, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SECRET = 'c'.repeat(48)
const SEED: SeedData = {
  users: [
    {name: 'ops', createdAt: '2026-01-01T00:00:00Z'},
    {name: 'anna', createdAt: '2026-01-01T00:00:00Z'},
  ],
  nodes: [
    {
      name: 'router',
      user: 'ops',
      routes: ['10.0.0.0/24', '10.1.0.0/24', '0.0.0.0/0', '::/0'],
      approved: ['10.0.0.0/24'],
      tags: ['tag:router', 'tag:prod'],
      lastSeen: '2026-02-03T04:05:06.789Z',
    },
    {
      name: 'laptop',
      givenName: 'laptop-1',
      user: 'anna',
      online: false,
      expiry: '2026-03-01T00:00:00Z',
      lastSeen: '2026-02-01T00:00:00Z',
    },
  ],
  preAuthKeys: [
    {user: 'ops', key: SECRET, reusable: true, expiration: '2026-04-01T00:00:00Z'},
    {user: 'ops', used: true, expiration: '2026-04-02T00:00:00Z'},
    {user: 'anna', ephemeral: true},
  ],
}

let server: TestServer | null = null
afterEach(() => server?.close())

async function run(seed: SeedData, release: string, ...line: string[]): Promise<Outcome> {
  server = await startTestSandbox({release, seed, now: () => new Date('2026-02-03T04:05:07Z')})
  return runHere(['metrics', ...line], {env: server.env})
}

test('the text has what the release reports, in a stable order', async () => {
  const {status, stdout, stderr} = await run(SEED, '0.29')
  expect([status, stderr]).toEqual([0, ''])
  await expect(stdout).toMatchFileSnapshot('../golden/metrics/0.29.prom')
  expect(readExposition(stdout).size).toBeGreaterThan(10)
  expect(stdout).not.toContain(SECRET)
  expect((await runHere(['metrics'], {env: server!.env})).stdout).toBe(stdout)
})

test('a release that reports less has fewer metrics, not zeros', async () => {
  const {stdout} = await run({...SEED, preAuthKeys: []}, '0.15')
  await expect(stdout).toMatchFileSnapshot('../golden/metrics/0.15.prom')
  expect([...readExposition(stdout).keys()]).not.toContain('headscale_ts_node_online')
})

test('names with quotes, backslashes and control characters stay one label', async () => {
  const name = 'a"b\\c\nd\u001b[31m\u202e,x="1'
  const {stdout} = await run({users: [{name: 'ops'}], nodes: [{name, user: 'ops'}]}, '0.15')
  const {samples} = readExposition(stdout).get('headscale_ts_node_info')!
  expect(samples.map(({labels}) => labels.name)).toEqual(['a"b\\c\\nd\\x1b[31m\\u202e,x="1'])
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

test('help texts are escaped too', () => {
  const text = expositionText([{name: 'x', help: 'a\\b', samples: [{labels: {}, value: 1}]}])
  expect(text).toBe('# HELP x a\\\\b\n# TYPE x gauge\nx 1\n')
})

test('the file is replaced each time, with a new time and mode 644, and keeps a mode of its own', async () => {
  const folder = scratchFolder()
  const file = join(folder, 'headscale.prom')
  const {status, stdout} = await run(SEED, '0.29', '--output-file', file)
  expect([status, stdout]).toEqual([0, `wrote ${file}: 22 samples\n`])
  expect([statSync(file).mode & 0o777, readdirSync(folder)]).toEqual([0o644, ['headscale.prom']])
  expect(readFileSync(file, 'utf8')).toBe((await runHere(['metrics'], {env: server!.env})).stdout)
  utimesSync(file, 0, 0)
  chmodSync(file, 0o600)
  expect((await runHere(['metrics', '--output-file', file], {env: server!.env})).status).toBe(0)
  expect([statSync(file).mtimeMs > 0, statSync(file).mode & 0o777]).toEqual([true, 0o600])
})

test('a file that cannot be written is an error, and the server that is away too', async () => {
  expect(await run(SEED, '0.29', '--output-file', '/missing/x.prom')).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'error: cannot write /missing/x.prom: its folder does not exist\nhint: create the folder, or choose another path\n',
  })
  const file = join(scratchFolder(), 'x.prom')
  const gone = await runHere(['metrics', '--output-file', file, '--socket', '/missing/hs.sock'])
  expect([gone.status, gone.stdout, readdirSync(join(file, '..'))]).toEqual([7, '', []])
})
