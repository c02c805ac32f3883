/** The file of `dns render` is what headscale reads, and `nodes watch --exec` keeps a running server up to date. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {childEnv, PROGRAMS, runHere, scratchFolder} from '../support/program.ts'
import {type RealHeadscale, startHeadscale} from '../support/real-servers.ts'

const [HEADSCALE_TS] = PROGRAMS.executable
const records = join(scratchFolder(), 'records.json')
let server: RealHeadscale
let env: Record<string, string>

beforeAll(async () => {
  writeFileSync(records, '[]')
  server = await startHeadscale({
    version: '0.29.3',
    config: {
      dns: {
        magic_dns: true,
        base_domain: 'example.com',
        override_local_dns: false,
        nameservers: {global: []},
        extra_records_path: records,
      },
      log: {level: 'trace', format: 'text'},
    },
  })
  env = {HEADSCALE_UNIX_SOCKET: server.socketPath}
  await change('users', 'create', 'ops')
  await joined('web')
})
afterAll(() => server?.stop())

async function change(...line: string[]): Promise<string> {
  const outcome = await runHere(line, {env})
  expect(outcome).toMatchObject({status: 0})
  return outcome.stdout
}

async function joined(name: string): Promise<void> {
  const made = await change('debug', 'create-node', '--name', name, '-u', 'ops', '-o', 'json')
  const {registrationKey} = JSON.parse(made) as {registrationKey: string}
  await change('nodes', 'register', '-u', 'ops', '--key', registrationKey)
}

/** The numbers of records that headscale had read, each time that it read the file. */
const counts = () =>
  [...readFileSync(join(server.folder, 'serve.log'), 'utf8').matchAll(/extra records updated .*, new: (\d+)/g)].map(
    ([, count]) => Number(count),
  )

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await sleep(50)
  expect(holds()).toBe(true)
}

test('headscale reads the file each time that a change of a node changes it', async () => {
  const render = ['dns', 'render', '--domain', 'internal.example.net', '--output-file', records]
  await change(...render)
  await until(() => counts().length === 1)
  const watching = spawn(
    HEADSCALE_TS,
    ['nodes', 'watch', '--interval', '200ms', '--exec', HEADSCALE_TS, '--', ...render],
    {
      env: childEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  try {
    await once(watching.stderr, 'data')
    await joined('db')
    await until(() => counts().length === 2)
    // No other file: the same records.
    await change('nodes', 'expire', 'db')
    await change('nodes', 'delete', 'db', '--force')
    await until(() => counts().length === 3)
  } finally {
    watching.kill('SIGINT')
    await once(watching, 'close')
  }
  expect(counts()).toEqual([2, 4, 2])
  expect(readFileSync(records, 'utf8')).toBe(await change(...render.slice(0, -2)))
})
