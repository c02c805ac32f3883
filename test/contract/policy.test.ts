/**
 * Policies on every server that has them (0.23+): a text that is not a policy is never sent, a policy without rules,
 * which allows everything, is stored with a warning, and `policy check` and `policy set` give the same answers.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere, runScript} from '../support/program.ts'
import {SERVERS, type TestServer} from '../support/servers.ts'

const GOOD = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
const EMPTY_HINT = 'hint: without a policy every node can reach every other; to accept that, add --allow-empty\n'

const folder = mkdtempSync(join(tmpdir(), 'hst-policy-'))
afterAll(() => rmSync(folder, {recursive: true}))
let files = 0

function file(text: string): string {
  const path = join(folder, `${++files}.hujson`)
  writeFileSync(path, text)
  return path
}

describe.for(SERVERS.filter(({line}) => line >= '0.23'))('$label', (spec) => {
  let server: TestServer
  let checks = false
  beforeAll(async () => {
    server = await spec.start()
    const {api, close} = await server.connect()
    checks = api.server.capabilities.policyCheck
    close()
  })
  afterAll(() => server?.close())
  const run = (...argv: string[]) => runHere(argv, {env: server.env})
  const stored = async () => (await run('policy', 'get')).stdout

  /** Runs `policy set`, and `policy check` if the server has it; both must give the same answer. */
  async function rejected(text: string, {sent = false} = {}): Promise<string> {
    const path = file(text)
    const before = await stored()
    const {status, stdout, stderr} = await run('policy', 'set', '-f', path)
    expect(stdout).toBe('')
    if (checks) expect(await run('policy', 'check', '-f', path)).toEqual({status, stdout, stderr})
    if (!sent) expect((await run('policy', 'set', '-f', path, '--dry-run')).status).toBe(status)
    expect(await stored()).toBe(before)
    return `${status} ${stderr}`
  }

  test('rejects an empty policy', async () => {
    expect((await run('policy', 'set', '-f', file(GOOD))).status).toBe(0)
    for (const text of ['', ' \n\t', '// nothing\n/* at all */ ']) {
      expect(await rejected(text)).toBe(`2 error: the policy is empty\n${EMPTY_HINT}`)
    }
    expect(await rejected('null\n')).toBe(`2 error: the policy is empty (null)\n${EMPTY_HINT}`)
    expect(await rejected('{\n// no rules\n}')).toBe(`2 error: the policy is empty ({})\n${EMPTY_HINT}`)
  })

  test.for([
    ['[]', 'an array'],
    ['"acls"', 'a string'],
    ['7', 'a number'],
    ['false // yes', 'a boolean'],
  ] as const)('rejects a policy that is not an object: %s', async ([text, kind]) => {
    expect(await rejected(text)).toContain(`6 error: invalid policy: expected an object, got ${kind}\n`)
  })

  test('the server rejects text that is not HuJSON, with its position', async ({skip}) => {
    if (spec.kind === 'sandbox') skip('the sandbox reports other positions')
    const {status, stderr} = await run('policy', 'set', '-f', file('{\n  "acls": nope\n}'))
    expect([status, stderr]).toEqual([6, expect.stringContaining('line 2, column ')])
  })

  test('a policy without rules is stored with a warning', async ({skip}) => {
    if (spec.line < '0.27') skip('this release allows nothing without rules')
    const rules = spec.line < '0.29' ? '"acls"' : '"acls" and no "grants"'
    const nulls = spec.kind === 'real' ? ['{"groups": {"group:a": []}, "acls": null}'] : []
    for (const text of ['{"tagOwners": {},}', ...nulls]) {
      const {status, stdout, stderr} = await run('policy', 'set', '-f', file(text))
      expect([status, stdout]).toEqual([0, 'Policy updated.\n'])
      expect(stderr).toBe(
        `warning: this policy has no ${rules}, so every node can reach every other; to allow nothing, write "acls": []\n`,
      )
    }
    for (const text of [...(spec.kind === 'real' ? ['{"ACLs": []}'] : ['{"acls": []}']), GOOD]) {
      expect(await run('policy', 'set', '-f', file(text))).toMatchObject({status: 0, stderr: ''})
    }
  })

  test('--allow-empty stores the empty policy', async ({skip}) => {
    if (spec.line < '0.24') skip('the server rejects it')
    for (const text of ['', '  // nothing\n']) {
      expect(await run('policy', 'set', '-f', file(text), '--allow-empty')).toMatchObject({status: 0, stderr: ''})
    }
  })

  test('the hint for a user without @ shows the right spelling', async ({skip}) => {
    if (spec.line < '0.26' || spec.kind === 'sandbox') skip('the server reads it as a user, or does not check hosts')
    const answer = await rejected('{"acls": [{"action": "accept", "src": ["user1"], "dst": ["*:*"]}]}', {
      sent: true,
    })
    expect(answer).toMatch(/^6 error: /)
    expect(answer).toContain('hint: for the user user1 write "user1@"; for a host add it to "hosts"')
  })

  test('policy check -f names the release it needs, and the check without a server', async ({skip}) => {
    if (checks) skip('the server can do it')
    const {status, stderr} = await run('policy', 'check', '-f', file(GOOD))
    expect([status, stderr]).toEqual([
      8,
      expect.stringMatching(
        /^error: "policy check" needs headscale 0\.29 or later; .*\nhint: without a server: headscale-ts policy check FILE --for RELEASE\n$/,
      ),
    ])
  })
})

describe('policy files', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await SERVERS.findLast(({line}) => line >= '0.23')!.start()
  })
  afterAll(() => server?.close())

  test.for([
    ['an endless file', '/dev/zero', '/dev/zero is larger than 4 MiB'],
    ['a missing file', '/no/such/file', 'cannot read /no/such/file: no such file'],
    ['a directory', '/usr', 'cannot read /usr: it is a directory'],
  ] as const)('rejects %s', async ([, path, message]) => {
    const outcome = await runHere(['policy', 'set', '-f', path], {env: server.env})
    expect(outcome).toMatchObject({status: 2, stderr: expect.stringContaining(`error: ${message}\n`) as string})
  })

  test.for(['npm program', 'executable'] as const)('the %s rejects endless standard input', async (program) => {
    const script = 'yes | head -c 3000000000 | headscale-ts policy set -f -'
    const {status, stderr} = await runScript(program, script, {env: server.env})
    expect([status, stderr]).toEqual([2, expect.stringContaining('error: standard input is larger than 4 MiB\n')])
  })

  test('reads a pipe to its end', async () => {
    const outcome = await runScript('npm program', `printf '%s' '${GOOD}' | headscale-ts policy set -f -`, {
      env: server.env,
    })
    expect(outcome).toEqual({status: 0, stdout: 'Policy updated.\n', stderr: ''})
  })

  test("explains why headscale's flag for its database does not work", async () => {
    for (const line of [['get'], ['set', '-f', '-'], ['check', '-f', '-']]) {
      const flag = '--bypass-grpc-and-access-database-directly'
      expect(await runHere(['policy', ...line, flag], {env: server.env})).toEqual({
        status: 2,
        stdout: '',
        stderr:
          `error: ${flag} needs access to the server's database\n` +
          'hint: use headscale itself for that, on the machine of the server\n',
      })
    }
  })
})
