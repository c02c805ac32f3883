/**
 * `policy apply` on real servers of every release that stores policies: after each way it can end, the right policy is at
 * work, before and after a restart. Ctrl-C comes as a signal to the program, while the server has the new policy and the
 * program waits for the answer.
 */
import {spawn, type ChildProcess} from 'node:child_process'
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test, type TestContext} from 'vitest'
import {policyProxy} from '../../support/policy-proxy.ts'
import {childEnv, type InProcess, type Outcome, PROGRAMS, runHere, scratchFolder} from '../../support/program.ts'
import {available, type RealHeadscale, startHeadscale} from '../../support/real-servers.ts'

const RELEASES = ['0.23.0', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3'].filter((version) => available(version).ok)

const rule = (ports: string) =>
  `{\n  // ssh\n  "acls": [{"action": "accept", "src": ["10.0.0.0/8"], "dst": ["*:${ports}"]}],\n}\n`
const OLD = rule('22')
const NEW = rule('80,443')
const OTHER = rule('8080')
/** Mistakes that a server finds when it reads the policy, and when it compiles it, which poisons 0.24 to 0.26. */
const BAD = [
  '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]',
  '{"acls": [{"action": "accept", "src": ["group:none"], "dst": ["*:22"]}]}',
  '{"acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]}',
]

/** As without a policy, and of 0.26 with a rule for everything, which is the same there. */
const EVERYTHING = [
  '[{"SrcIPs":["*"],"DstPorts":[{"IP":"*","Ports":{"First":0,"Last":65535}}]}]',
  '[{"SrcIPs":["0.0.0.0/0","::/0"],"DstPorts":[{"IP":"0.0.0.0/0","Ports":{"First":0,"Last":65535}},{"IP":"::/0","Ports":{"First":0,"Last":65535}}]}]',
]

class Session {
  readonly server: RealHeadscale
  readonly minor: number
  readonly home = scratchFolder()
  #users = 0

  constructor(server: RealHeadscale) {
    this.server = server
    this.minor = Number(server.version.split('.')[1])
  }

  /** What is at work: the text, and from 0.26 on the filter. */
  async atWork(): Promise<{text: string | null; filter: string | null}> {
    const {status, stdout} = await this.run(['policy', 'get', '-o', 'json'])
    const text = status === 0 ? (JSON.parse(stdout) as {policy: string}).policy : null
    if (this.minor < 26) return {text, filter: null}
    const reply = await fetch(`${this.server.metricsUrl}/debug/filter`)
    return {text, filter: await reply.text()}
  }

  run(argv: string[], options: InProcess = {}): Promise<Outcome> {
    const env = {HEADSCALE_CLI_ADDRESS: this.server.url, HEADSCALE_CLI_API_KEY: this.server.apiKey}
    return runHere(argv, {env, home: this.home, cwd: this.home, ...options})
  }

  file(text: string): string {
    const path = join(this.home, 'new.hujson')
    writeFileSync(path, text)
    return path
  }

  apply(text: string, flags: string[] = ['-y'], options: InProcess = {}): Promise<Outcome> {
    return this.run(['policy', 'apply', this.file(text), ...flags], options)
  }

  /** A poisoned server creates the user, but answers with an error. */
  async createsUsers(): Promise<void> {
    const {status, stderr} = await this.run(['users', 'create', `user${this.#users++}`])
    expect([status, stderr]).toEqual([0, ''])
  }

  /** The texts of the saved policies. */
  saved(): string[] {
    const folder = join(this.home, '.local/state/headscale-ts/policies')
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  }

  /** Applies a policy with the program, which gets a signal after the server has stored the policy and before it knows. */
  async interrupted(text: string, signal: 'SIGINT' | 'SIGKILL'): Promise<Outcome> {
    let child: ChildProcess | null = null
    const proxy = await policyProxy(this.server.url, {
      async after() {
        child!.kill(signal)
        await new Promise((done) => setTimeout(done, 100))
        return true
      },
    })
    const [program, ...args] = PROGRAMS['npm program']
    child = spawn(program, [...args, 'policy', 'apply', this.file(text), '-y'], {
      env: childEnv({
        HOME: this.home,
        HEADSCALE_CLI_ADDRESS: proxy.url,
        HEADSCALE_CLI_API_KEY: this.server.apiKey,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout!.on('data', (data) => (stdout += String(data)))
    child.stderr!.on('data', (data) => (stderr += String(data)))
    const status = await new Promise<number>((done) => child!.on('close', (code) => done(code ?? 137)))
    proxy.close()
    return {status, stdout, stderr}
  }
}

async function start(
  version: string,
  config: Record<string, unknown>,
  {onTestFinished}: Pick<TestContext, 'onTestFinished'>,
): Promise<Session> {
  const server = await startHeadscale({version, config})
  onTestFinished(() => server.stop())
  return new Session(server)
}

const lastHint = ({stderr}: Outcome) => stderr.trimEnd().split('\n').at(-1)

describe.concurrent.for(RELEASES)('%s', (version) => {
  test(
    'a first policy that is rejected or interrupted leaves everybody connected',
    {timeout: 120_000},
    async (context) => {
      const s = await start(version, {policy: {mode: 'database'}}, context)
      const allowsAll = async () => {
        const {filter} = await s.atWork()
        if (filter !== null) expect(EVERYTHING).toContain(filter.replace(/\s+/g, ''))
      }
      await allowsAll()
      for (const bad of BAD.slice(1)) {
        expect((await s.apply(bad, ['-y', '--no-check'])).status).toBe(6)
        await s.createsUsers()
        await allowsAll()
      }
      const isPoisoned = s.minor === 25 || s.minor === 26
      expect((await s.atWork()).text === null).toBe(!isPoisoned)

      const outcome = await s.interrupted(NEW, 'SIGINT')
      expect(outcome.status).toBe(130)
      expect(lastHint(outcome)).toBe(
        isPoisoned
          ? 'error: interrupted; the old policy is at work again'
          : 'error: interrupted; every node can reach every other, as before: a policy that says so is stored, since none can be removed',
      )
      await allowsAll()
      await s.server.restart()
      await allowsAll()
      await s.createsUsers()
    },
  )

  test('the policy from before stays at work, or the new one is', {timeout: 120_000}, async (context) => {
    const s = await start(version, {policy: {mode: 'database'}}, context)
    const isStill = async (state: Awaited<ReturnType<Session['atWork']>>) => {
      expect(await s.atWork()).toEqual(state)
      await s.createsUsers()
    }
    expect(await s.apply(OLD)).toMatchObject({status: 0, stdout: 'Policy updated.\n'})
    const old = await s.atWork()
    expect(old.text).toBe(OLD)

    for (const bad of BAD) {
      const outcome = await s.apply(bad, ['-y', '--no-check'])
      expect(outcome.status, outcome.stderr).toBe(6)
      expect(lastHint(outcome)).toMatch(/^hint: the old policy is (?:still at work|at work again)$/)
      await isStill(old)
    }
    // The check finds the same mistakes before anything is sent.
    expect((await s.apply(BAD[2]!)).status).toBe(6)
    await s.server.restart()
    await isStill(old)

    const interrupted = await s.interrupted(NEW, 'SIGINT')
    expect([interrupted.status, lastHint(interrupted)]).toEqual([
      130,
      'error: interrupted; the old policy is at work again',
    ])
    await isStill(old)
    expect(s.saved()).toEqual([])

    const changed = await s.apply(NEW, [], {
      answer: async () => (await s.run(['policy', 'set', '-f', otherFile(s)])).status === 0,
    })
    expect([changed.status, changed.stderr]).toEqual([
      1,
      expect.stringContaining('somebody else has replaced the policy'),
    ])
    expect((await s.atWork()).text).toBe(OTHER)
    expect((await s.run(['policy', 'set', '-f', s.file(OLD)])).status).toBe(0)

    // The server has the new policy, and the program ended without knowing.
    expect((await s.interrupted(NEW, 'SIGKILL')).status).toBe(137)
    expect((await s.atWork()).text).toBe(NEW)
    expect(s.saved()).toEqual([OLD])
    expect((await s.apply(OLD)).status).toBe(0)
    await isStill(old)

    expect((await s.apply(NEW)).status).toBe(0)
    const current = await s.atWork()
    expect(current.text).toBe(NEW)
    if (s.minor >= 26) expect(current.filter).not.toBe(old.filter)
    expect(await s.run(['policy', 'rollback', '-y'])).toMatchObject({status: 0, stdout: 'Policy updated.\n'})
    await s.server.restart()
    await isStill(old)
  })
})

function otherFile(s: Session): string {
  const path = join(s.home, 'other.hujson')
  writeFileSync(path, OTHER)
  return path
}

describe.concurrent('a server that reads its policy from a file', () => {
  test.for(['0.22.3', '0.23.0', '0.29.3'].filter((version) => available(version).ok))(
    '%s',
    async (version, context) => {
      const folder = scratchFolder()
      const path = join(folder, 'acl.hujson')
      writeFileSync(path, OLD)
      const isOld = version < '0.23'
      const s = await start(version, isOld ? {acl_policy_path: path} : {policy: {mode: 'file', path}}, context)
      const onSocket = (...argv: string[]) => s.run(['policy', ...argv, '-c', s.server.configPath], {env: {}})
      const outcome = await onSocket('apply', s.file(NEW))
      expect(outcome.status).toBe(8)
      expect(lastHint(outcome)).toBe(
        `hint: on the machine of the server, write ${s.file(NEW)} to ${path}, then run: systemctl reload headscale (or: kill -HUP $(pidof headscale))`,
      )
      expect(outcome.stderr.includes('+  "acls"')).toBe(!isOld)
      expect((await onSocket('set', '-f', s.file(NEW))).status).toBe(8)
      if (!isOld) expect((await onSocket('apply', s.file(OLD))).status).toBe(0)
    },
  )
})
