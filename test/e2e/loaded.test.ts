/**
 * What each kind of command loads: the bundled packages, and the modules of Node beyond those of an empty program. Start-up is
 * most of the time of a command, so a library that a command does not need must not be loaded, and a new line in the
 * golden file needs a reason.
 */
import {spawn} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {childEnv, type Env, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

interface Loaded {
  files: string[]
  builtins: string[]
}

/** Libraries that bring other packages, in one chunk. */
const LIBRARIES = ['@oclif/core', 'cli-table3', '@inquirer/confirm', '@peculiar/x509']

const folder = scratchFolder()
const [map, empty] = ['map.yaml', 'empty.cjs'].map((name) => join(folder, name)) as [string, string]
const MAP = 'regions:\n  900:\n    regionid: 900\n    regioncode: x\n    regionname: X\n    nodes: []\n'

let socket: TestServer
let rest: TestServer
let http: TestServer
beforeAll(async () => {
  const seed = {users: [{name: 'default'}], nodes: [{name: 'nas', user: 'default'}]}
  socket = await startTestSandbox({release: '0.29', via: 'socket', seed})
  rest = await startTestSandbox({release: '0.29', via: 'REST', seed})
  http = await startTestSandbox({release: '0.30', via: 'socket', seed})
  writeFileSync(map, MAP)
  writeFileSync(empty, '')
})
afterAll(() => Promise.all([socket, rest, http].map((server) => server.close())))

/** Runs a file in Node. It may fail: what it loads counts. */
async function load(argv: readonly string[], env: Env = {}): Promise<Loaded> {
  const report = join(folder, `${Math.random()}.json`)
  const hook = join(ROOT, 'test/support/report-loaded.cjs')
  const child = spawn(process.execPath, ['--require', hook, ...argv], {
    env: childEnv({...env, REPORT_LOADED: report}),
    stdio: 'ignore',
  })
  await new Promise((done) => child.once('close', done))
  return JSON.parse(readFileSync(report, 'utf8')) as Loaded
}

test('every kind of command loads what it needs', async () => {
  const chunks = JSON.parse(readFileSync(join(ROOT, 'dist/npm-chunks.json'), 'utf8')) as Record<string, string[]>
  const base = new Set((await load([empty])).builtins)
  const home = {HOME: folder, XDG_CACHE_HOME: join(folder, 'cache')}
  const [onSocket, overRest, onHttpSocket] = [socket, rest, http].map(({env}): Env => ({...env, ...home}))

  const cases: [string, Env?][] = [
    ['--version'],
    ['--help'],
    ['nodes list --help'],
    ['nodes lst'],
    ['completion bash'],
    ['nodes list', onSocket],
    ['nodes list --debug', onSocket],
    ['nodes list -o json', onSocket],
    ['nodes list -o yaml', onSocket],
    ['users create alice', onSocket],
    ['nodes list', overRest],
    ['users create alice', overRest],
    ['nodes list', onHttpSocket],
    [`derp validate ${map}`],
    ['derp render --domain derp.example.com'],
    ['derp check 127.0.0.1:1'],
    ['sandbox run -- true'],
  ]
  const ways = new Map([
    [onSocket, ' (gRPC on the socket)'],
    [overRest, ' (REST)'],
    [onHttpSocket, ' (HTTP on the socket)'],
  ])
  // Once, so that the release is remembered, as in a script.
  await Promise.all([onSocket, overRest, onHttpSocket].map((env) => load([join(ROOT, 'bin/run.js'), 'health'], env)))

  const withLibrary = new Map<string, string[]>()
  const results = await Promise.all(
    cases.map(async ([line, env]) => {
      const {files, builtins} = await load([join(ROOT, 'bin/run.js'), ...line.split(' ')], env)
      const packages = files.flatMap((file) => {
        const inChunk = chunks[relative(join(ROOT, 'dist/npm'), file)] ?? []
        const library = LIBRARIES.find((name) => inChunk.includes(name))
        if (library === undefined) return inChunk
        withLibrary.set(library, inChunk)
        return [library]
      })
      return [
        `${line.replace(map, 'map.yaml')}${(env && ways.get(env)) ?? ''}`,
        `  packages: ${listed(packages)}`,
        `  node:     ${listed(builtins.filter((name) => !base.has(name)))}`,
      ].join('\n')
    }),
  )
  const libraries = LIBRARIES.filter((name) => withLibrary.has(name)).map(
    (name) => `${name} comes with ${listed(withLibrary.get(name)!.filter((other) => other !== name))}`,
  )
  await expect(`${[...libraries, ...results].join('\n\n')}\n`).toMatchFileSnapshot('../golden/loaded.txt')
})

function listed(names: readonly string[]): string {
  return [...new Set(names)].toSorted().join(', ') || '-'
}
