/**
 * `policy check`, the sandbox and servers agree on which policies are taken: our corpus on real servers of each release, and the
 * cases that headscale recorded from Tailscale's control plane, straight from the module cache.
 */
import {spawnSync} from 'node:child_process'
import {closeSync, fstatSync, openSync, readSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'
import {checkPolicy} from '../../../src/policy/check/check-policy.ts'
import type {Tailnet} from '../../../src/policy/compile/tailnet.ts'
import {parseYamlPolicy} from '../../../src/policy/read/yaml.ts'
import {policyRelease} from '../../../src/policy/releases.ts'
import {type Sandbox, startSandbox} from '../../../src/sandbox/index.ts'
import {corpusFor} from '../../policy/corpus.ts'
import {runHere, scratchFolder} from '../../support/program.ts'
import {available, type RealHeadscale, startHeadscale} from '../../support/real-servers.ts'
import {OTHER_RULES, OTHER_VERDICT} from './left-out.ts'
import {recordedCases, skippedByHeadscale} from './module.ts'

const RELEASES = ['0.23.0', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3']

function errorsOf(text: string, release: string, tailnet: Tailnet | null = null): string[] {
  const {findings} = checkPolicy(text, 'policy', policyRelease(release), tailnet)
  return findings.filter(({severity}) => severity === 'error').map(({path, message}) => `${path}: ${message}`)
}

/** Sections of 0.29, whose many variants are one case to the releases before. */
const LATER = /"(?:grants|nodeAttrs|tests|sshTests)"/

describe.concurrent('the corpus', () => {
  test.for(RELEASES.filter((version) => available(version).ok))(
    'is taken and rejected as by %s',
    {timeout: 400_000},
    async (version, {expect: check}) => {
      const server = await startHeadscale({version, config: {policy: {mode: 'database'}}})
      const sandbox = await startSandbox({
        release: version.split('.', 2).join('.'),
        listen: {host: '127.0.0.1', port: 0},
        seed: {prefixes: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48']},
      })
      try {
        const run = await withUsersAndNode({HEADSCALE_UNIX_SOCKET: server.socketPath}, check)
        await withUsersAndNode({HEADSCALE_CLI_ADDRESS: sandbox.url!, HEADSCALE_CLI_API_KEY: sandbox.apiKey!}, check)

        const all = corpusFor(version)
        const corpus = version === '0.29.3' ? all : all.filter(([, text], i) => !LATER.test(text) || i % 10 === 0)
        check(corpus.length).toBeGreaterThan(200)
        const wrong: Wrong[] = []
        const simulated: [title: string, real: string, sandbox: string][] = []
        for (const [title, text] of corpus) {
          const answer = await setPolicy(server, text)
          const [real, ours] = [stageOf(answer), stageOf(await setPolicy(sandbox, text))]
          if (real !== ours) simulated.push([title, real, ours])
          const errors = errorsOf(text, version)
          if ((answer === null) !== (errors.length === 0)) wrong.push({title, text, answer, errors})
        }
        check(await withoutLateErrors(wrong, version, server, run)).toEqual([])
        check(simulated).toEqual([])
      } finally {
        await sandbox.close()
        await server.stop()
      }
    },
  )
})

/** Creates alice, bob and a node of alice. @returns runs a command */
async function withUsersAndNode(env: Record<string, string>, check: typeof expect) {
  const run = async (...line: string[]) => {
    const {status, stdout, stderr} = await runHere(line, {env})
    check(status, stderr).toBe(0)
    return stdout
  }
  await run('users', 'create', 'alice')
  await run('users', 'create', 'bob')
  const made = await run('debug', 'create-node', '--name', 'n1', '-u', 'alice', '-o', 'json')
  const {registrationKey} = JSON.parse(made) as {registrationKey: string}
  await run('nodes', 'register', '-u', 'alice', '--key', registrationKey)
  return run
}

/** Where the server was when it noticed a mistake: the part of its answer that the release says of every such one. */
function stageOf(answer: string | null): string {
  return answer === null
    ? 'taken'
    : (/^.*?(?:parsing policy|rules|ACL policy file|setting policy): /.exec(answer)?.[0] ?? answer)
}

/** Releases that read the policy from a file alone: SIGHUP makes them read it again, and they log the outcome. */
describe.concurrent('the corpus in a file', () => {
  const ways = ['0.17.1', '0.22.3'].flatMap((version) => ['hujson', 'yaml'].map((format) => ({version, format})))
  test.for(ways.filter(({version}) => available(version).ok))(
    'is taken and rejected as by $version in $format',
    {timeout: 400_000},
    async ({version, format}, {expect: check}) => {
      const file = join(scratchFolder(), `policy.${format}`)
      writeFileSync(file, '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}')
      const config = {acl_policy_path: file, log: {level: 'info'}, log_level: 'info'}
      const server = await startHeadscale({version, config})
      try {
        await withUsersAndNode({HEADSCALE_UNIX_SOCKET: server.socketPath}, check)
        const pid = Number(
          spawnSync('pgrep', ['-f', `^${server.bin} -c ${server.configPath} serve`], {encoding: 'utf8'}).stdout,
        )
        const rules = policyRelease(version)
        const wrong: [title: string, answer: string | null, errors: string[]][] = []
        for (const [title, text] of corpusFor(version)) {
          writeFileSync(file, text)
          const answer = await reloaded(join(server.folder, 'serve.log'), pid)
          const {findings} = checkPolicy(text, file, rules, null, parseYamlPolicy)
          const errors = findings.filter(({severity}) => severity === 'error').map(({message}) => message)
          if ((answer === null) !== (errors.length === 0)) wrong.push([title, answer, errors])
        }
        // headscale's reader of YAML does not look at what follows the first value.
        check(wrong.map(([title]) => title)).toEqual(
          format === 'yaml'
            ? [
                'a comment in the last line without a line feed',
                'a block comment in the last line',
                'a block comment without an end',
                'two values',
              ]
            : [],
        )
      } finally {
        await server.stop()
      }
    },
  )
})

/** @returns why the server rejects its policy file; null if it takes it */
async function reloaded(file: string, pid: number): Promise<string | null> {
  const log = openSync(file, 'r')
  try {
    const before = fstatSync(log).size
    process.kill(pid, 'SIGHUP')
    for (const deadline = Date.now() + 10_000; ; await sleep(10)) {
      const added = Buffer.alloc(fstatSync(log).size - before)
      readSync(log, added, 0, added.length, before)
      const text = added.toString()
      if (text.includes('successfully reloaded')) return /Failed to reload ACL policy.*/.exec(text)?.[0] ?? null
      if (Date.now() > deadline) throw new Error(`the server did not read its policy again:\n${text}`)
    }
  } finally {
    closeSync(log)
  }
}

interface Wrong {
  title: string
  text: string
  /** Why the server rejects the policy; null if it takes it. */
  answer: string | null
  errors: string[]
}

/** Up to 0.25 the sources of an SSH rule are read when a node is its destination: tag:web, in the corpus. */
async function withoutLateErrors(
  wrong: readonly Wrong[],
  version: string,
  server: RealHeadscale,
  run: (...line: string[]) => Promise<string>,
): Promise<Wrong[]> {
  if (version > '0.26' || wrong.length === 0) return [...wrong]
  await run('nodes', 'tag', 'n1', '-t', 'tag:web')
  const left: Wrong[] = []
  for (const one of wrong) {
    if (one.errors.length === 0 || (await setPolicy(server, one.text)) === null) left.push(one)
  }
  return left
}

/** @returns why the server rejects the policy; null if it takes it */
async function setPolicy(
  {url, apiKey}: Pick<RealHeadscale | Sandbox, 'url' | 'apiKey'>,
  policy: string,
): Promise<string | null> {
  const reply = await fetch(`${url}/api/v1/policy`, {
    method: 'PUT',
    headers: {authorization: `Bearer ${apiKey}`, 'content-type': 'application/json'},
    body: JSON.stringify({policy}),
  })
  const body = (await reply.json()) as {message?: string}
  return reply.ok ? null : (body.message ?? JSON.stringify(body))
}

const CASES = recordedCases()

test.skipIf(CASES === null)('the recorded cases are taken and rejected as recorded', {timeout: 120_000}, () => {
  const cases = CASES!
  expect(cases.length).toBeGreaterThanOrEqual(866)
  const wrong = cases.filter(({policy, taken, tailnet}) => taken !== (errorsOf(policy, '0.29.3', tailnet).length === 0))
  expect(wrong.map(({id}) => id)).toEqual([...OTHER_VERDICT.keys()])
})

test.skipIf(CASES === null)("the cases with another outcome are those that headscale's own tests skip", () => {
  const leftOut = [...OTHER_VERDICT.keys(), ...OTHER_RULES.keys()].map((id) => basename(id))
  expect(leftOut.sort()).toEqual(skippedByHeadscale()!.sort())
})
