/**
 * Builds the real programs that the tests run against: headscale releases, and Tailscale's client and relay.
 *
 * Each folder beside this file is one Go module: its go.mod pins a release and names, as `tool`, the programs to
 * build; its go.sum pins the checksum of everything it downloads. Programs live outside the checkout
 * (they are large and survive a fresh clone) in `$XDG_CACHE_HOME` or `~/.cache`, under headscale-ts/servers/MODULE/.
 * A stamp beside them names the go.mod, go.sum and Go that built them; if it is not current, they are built again.
 * Configuration and start of the programs are not here.
 */
import {spawn, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {constants, homedir, setPriority} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

/** What was built, kept as JSON in `stamp.json` beside the programs. */
interface Stamp {
  /** sha256 of go.mod and go.sum. */
  sources: string
  /** The Go that built it, as `go1.26.8`. */
  go: string
  programs: string[]
}

/** Whether the programs of a module can be used now, and if not, why, as one line. */
export interface Availability {
  ok: boolean
  /** `null` when ok. */
  reason: string | null
}

const MODULES = import.meta.dirname

/**
 * The public checksum database has no entry for headscale 0.17.1, and lacked one for tailsql, which 0.28 and later
 * depend on. The go.sum files carry both sums; this only keeps Go from asking about them.
 */
const NOT_IN_CHECKSUM_DATABASE = 'github.com/juanfont/headscale,github.com/tailscale/tailsql'

/** All modules, as `headscale-0.29.3`, by name and release. */
export function modules(): string[] {
  return readdirSync(MODULES, {withFileTypes: true})
    .filter((entry) => entry.isDirectory() && existsSync(join(MODULES, entry.name, 'go.mod')))
    .map((entry) => entry.name)
    .sort((a, b) => a.localeCompare(b, 'en', {numeric: true}))
}

/** Where the programs of a module are, built or not. */
export function programFolder(module: string): string {
  return join(cacheFolder(), module)
}

/** The sources of a headscale release in the module cache of Go, which building it has filled. */
export function sourceFolder(version: string): string {
  const go = spawnSync('go', ['env', 'GOMODCACHE'], {cwd: MODULES, env: goEnvironment(), encoding: 'utf8'})
  return join(go.stdout?.trim() || join(homedir(), 'go/pkg/mod'), `github.com/juanfont/headscale@v${version}`)
}

/** Whether a module is built and current. Without Go, a module built by any Go counts as current. */
export function available(module: string): Availability {
  if (!modules().includes(module)) return {ok: false, reason: `${module}: there is no such module in test/servers`}
  if (isCurrent(module)) return {ok: true, reason: null}
  if (goVersion() === null) return {ok: false, reason: `${module}: not built, and there is no Go here to build it`}
  return {ok: false, reason: `${module}: not built yet (npm run build:servers ${module})`}
}

/**
 * The minor release of the Go that built a module, as `go1.26`.
 * @throws Error when the module has not been built.
 */
export function builtWith(module: string): string {
  const go = readStamp(module)?.go ?? ''
  const minor = /^go\d+\.\d+/.exec(go)?.[0]
  if (minor === undefined) throw new Error(`${module} has not been built`)
  return minor
}

/**
 * Builds those of the given modules that are missing or out of date, one after the other, and reports it with `log`.
 * Several processes wait for each other. Returns a reason for each module that cannot be built.
 */
export async function build(names: string[], log: (line: string) => void): Promise<Map<string, Availability>> {
  const result = new Map(names.map((name) => [name, available(name)]))
  const due = names.filter((name) => !result.get(name)?.ok && modules().includes(name))
  if (due.length === 0 || goVersion() === null) return result
  const release = await lock(log)
  try {
    for (const name of due) {
      // Another process may have built it while this one waited for the lock.
      const reason = isCurrent(name) ? null : await buildOne(name, log)
      result.set(name, {ok: reason === null, reason})
    }
  } finally {
    release()
  }
  return result
}

async function buildOne(module: string, log: (line: string) => void): Promise<string | null> {
  const folder = programFolder(module)
  const fresh = `${folder}.new`
  rmSync(fresh, {recursive: true, force: true})
  mkdirSync(fresh, {recursive: true})
  log(`building ${module} (the first time this takes minutes)`)
  const began = Date.now()
  const {code, output} = await runGo(module, ['build', '-mod=readonly', '-buildvcs=false', '-o', `${fresh}/`, 'tool'])
  if (code !== 0) {
    rmSync(fresh, {recursive: true, force: true})
    return `${module}: go build failed: ${output.trim().split('\n').slice(-5).join(' / ')}`
  }
  const stamp: Stamp = {sources: sourcesOf(module), go: goVersion() ?? '', programs: readdirSync(fresh).sort()}
  writeFileSync(join(fresh, 'stamp.json'), `${JSON.stringify(stamp)}\n`)
  rmSync(folder, {recursive: true, force: true})
  renameSync(fresh, folder)
  log(`built ${module} in ${Math.round((Date.now() - began) / 1000)} s: ${stamp.programs.join(', ')}`)
  return null
}

function runGo(module: string, args: string[]): Promise<{code: number | null; output: string}> {
  return new Promise((resolve) => {
    const child = spawn('go', args, {
      cwd: join(MODULES, module),
      env: goEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (output += data))
    child.on('error', (error) => resolve({code: 127, output: error.message}))
    child.on('close', (code) => resolve({code, output}))
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  })
}

/** The caller's environment without variables that would change the build: Go flags and a workspace. */
function goEnvironment(): NodeJS.ProcessEnv {
  const ours = [process.env['GONOSUMDB'], NOT_IN_CHECKSUM_DATABASE].filter(Boolean).join(',')
  return {...process.env, GOFLAGS: '', GOWORK: 'off', GONOSUMDB: ours}
}

let knownGo: string | null | undefined

/** The Go of this machine, as `go1.26.8`; `null` when there is none. Asked once per process. */
function goVersion(): string | null {
  if (knownGo === undefined) {
    const go = spawnSync('go', ['env', 'GOVERSION'], {cwd: MODULES, env: goEnvironment(), encoding: 'utf8'})
    knownGo = go.status === 0 ? go.stdout.trim() : null
  }
  return knownGo
}

function isCurrent(module: string): boolean {
  const stamp = readStamp(module)
  if (stamp === null || stamp.sources !== sourcesOf(module)) return false
  if (!stamp.programs.every((program) => existsSync(join(programFolder(module), program)))) return false
  return goVersion() === null || goVersion() === stamp.go
}

function readStamp(module: string): Stamp | null {
  const file = join(programFolder(module), 'stamp.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stamp) : null
}

function sourcesOf(module: string): string {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(MODULES, module, file)))
  return hash.digest('hex')
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'headscale-ts', 'servers')
}

/** Takes the build lock and returns a function that releases it. A lock whose owner has ended is taken over. */
async function lock(log: (line: string) => void): Promise<() => void> {
  const file = join(cacheFolder(), 'build.lock')
  mkdirSync(cacheFolder(), {recursive: true})
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), {flag: 'wx'})
      return () => rmSync(file, {force: true})
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(existsSync(file) ? readFileSync(file, 'utf8') : '')
    if (owner > 0 && !isAlive(owner)) {
      rmSync(file, {force: true})
      continue
    }
    if (!told) log(`waiting for another build (process ${owner || 'unknown'}, lock ${file})`)
    told = true
    await sleep(500)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
