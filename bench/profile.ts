/**
 * `node bench/profile.ts [--nodes N] [COMMAND...]`: where the npm program spends the CPU time of one command, from V8's
 * profiler: the files with the largest share, the mean of many runs. Default: `users list` over the socket of a sandbox,
 * without nodes. Needs a build.
 */
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {startSandbox} from '../src/sandbox/index.ts'
import {run} from '../test/servers/process.ts'

const RUNS = 20
const SHOWN = 20

/** The parts of a .cpuprofile that are read (Chrome DevTools protocol, Profiler.Profile). */
interface CpuProfile {
  nodes: {id: number; callFrame: {functionName: string; url: string}}[]
  /** Ids of nodes. */
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}

/** What a sample is counted for: a file of the program without its hash, a module of Node, or what V8 calls it. */
function fileOf({functionName, url}: CpuProfile['nodes'][number]['callFrame']): string {
  if (url.startsWith('node:')) return url
  if (url === '') return functionName
  return basename(url.startsWith('file:') ? fileURLToPath(url) : url).replace(/(?:\.cjs)?-[\w-]{8}\.cjs$/, '')
}

const folder = mkdtempSync(join(tmpdir(), 'profile-'))
try {
  const [, , ...words] = process.argv
  const count = words[0] === '--nodes' ? Number(words.splice(0, 2)[1]) : 0
  const command = words.length > 0 ? words : ['users', 'list']
  const nodes = Array.from({length: count}, (_, i) => ({name: `node-${i + 1}`, user: 'ops'}))
  const seed = {prefixes: ['10.0.0.0/8'], users: [{name: 'default'}, {name: 'ops'}], nodes}
  const socketPath = join(folder, 'hs.sock')
  const {close} = await startSandbox({release: '0.29', seed, socketPath})
  const program = join(import.meta.dirname, '../bin/run.js')
  const profiles = join(folder, 'profiles')
  for (let i = 0; i < RUNS; i++) {
    const flags = ['--cpu-prof', '--cpu-prof-interval', '100', '--cpu-prof-dir', profiles]
    const {code, stderr} = await run([process.execPath, ...flags, program, ...command], {
      env: {HOME: folder, XDG_CACHE_HOME: folder, HEADSCALE_UNIX_SOCKET: socketPath},
    })
    if (code !== 0) throw new Error(stderr)
  }
  await close()
  const times = new Map<string, number>()
  for (const name of readdirSync(profiles)) {
    const profile = JSON.parse(readFileSync(join(profiles, name), 'utf8')) as CpuProfile
    const files = new Map(profile.nodes.map(({id, callFrame}) => [id, fileOf(callFrame)]))
    for (const [i, id] of profile.samples.entries()) {
      const file = files.get(id)!
      if (file !== '(idle)') times.set(file, (times.get(file) ?? 0) + profile.timeDeltas[i]!)
    }
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  for (const [file, time] of [...times].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN)) {
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${file}`)
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}
