/**
 * Policies on every server that has them (0.23+): a text that is no policy never reaches the server, one that allows
 * everything because its rules are missing is stored with a warning, `policy check` and `policy set` agree.
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

  /** Types `policy set`, and `policy check` where the server has it; both must answer the same. */
  async function refused(text: string, {sent = false} = {}): Promise<string> {
    const path = file(text)
    const before = await stored()
    const {status, stdout, stderr} = await run('policy', 'set', '-f', path)
    expect(stdout).toBe('')
    if (checks) expect(await run('policy', 'check', '-f', path)).toEqual({status, stdout, stderr})
    if (!sent) expect((await run('policy', 'set', '-f', path, '--dry-run')).status).toBe(status)
    expect(await stored()).toBe(before)
    return `${status} ${stderr}`
  }

  test('a policy with nothing in it is refused', async () => {
    expect((await run('policy', 'set', '-f', file(GOOD))).status).toBe(0)
    for (const text of ['', ' \n\t', '// nothing\n/* at all */ ']) {
      expect(await refused(text)).toBe(`2 error: the policy is empty\n${EMPTY_HINT}`)
    }
    expect(await refused('null\n')).toBe(`2 error: the policy is empty (null)\n${EMPTY_HINT}`)
    expect(await refused('{\n// no rules\n}')).toBe(`2 error: the policy is empty ({})\n${EMPTY_HINT}`)
  })

  test.for([
    ['[]', 'an array'],
    ['"acls"', 'a string'],
    ['7', 'a number'],
    ['false // yes', 'a boolean'],
  ] as const)('a policy that is not an object is refused: %s', async ([text, kind]) => {
    expect(await refused(text)).toContain(`6 error: invalid policy: expected an object, got ${kind}\n`)
  })

  test('a text that is not HuJSON is refused by the server, which says where', async ({skip}) => {
    if (spec.kind === 'sandbox') skip('its positions are not those of the servers')
    const {status, stderr} = await run('policy', 'set', '-f', file('{\n  "acls": nope\n}'))
    expect([status, stderr]).toEqual([6, expect.stringContaining('line 2, column ')])
  })

  test('a policy without rules is stored with a warning', async ({skip}) => {
    if (spec.line < '0.26') skip('without rules nothing is allowed there')
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
    if (spec.line < '0.24') skip('the server refuses it')
    for (const text of ['', '  // nothing\n']) {
      expect(await run('policy', 'set', '-f', file(text), '--allow-empty')).toMatchObject({status: 0, stderr: ''})
    }
  })

  test('a user written without @ gets the right spelling as a hint', async ({skip}) => {
    if (spec.line < '0.26' || spec.kind === 'sandbox') skip('the server knows it as a user, or knows no hosts')
    const answer = await refused('{"acls": [{"action": "accept", "src": ["user1"], "dst": ["*:*"]}]}', {
      sent: true,
    })
    expect(answer).toMatch(/^6 error: /)
    expect(answer).toContain('hint: for the user user1 write "user1@"; for a host add it to "hosts"')
  })

  test('a check on a release without one says where it can be done', async ({skip}) => {
    if (checks) skip('the server can do it')
    const {status, stderr} = await run('policy', 'check', '-f', file(GOOD))
    expect([status, stderr]).toEqual([
      8,
      expect.stringMatching(
        /^error: "policy check" needs headscale 0\.29 or later; .*\nhint: headscale's own "headscale policy check -f FILE" \(0\.26 or later\) checks a file without a server\n$/,
      ),
    ])
  })
})

describe('what is read of a policy file', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await SERVERS.findLast(({line}) => line >= '0.23')!.start()
  })
  afterAll(() => server?.close())

  test.for([
    ['a file that does not end', '/dev/zero', '/dev/zero is larger than 4 MiB'],
    ['a missing file', '/no/such/file', 'cannot read /no/such/file: no such file'],
    ['a directory', '/usr', 'cannot read /usr: it is a directory'],
  ] as const)('%s is refused', async ([, path, message]) => {
    const outcome = await runHere(['policy', 'set', '-f', path], {env: server.env})
    expect(outcome).toMatchObject({status: 2, stderr: expect.stringContaining(`error: ${message}\n`) as string})
  })

  test.for(['npm program', 'executable'] as const)('endless standard input is refused by the %s', async (program) => {
    const script = 'yes | head -c 3000000000 | headscale-ts policy set -f -'
    const {status, stderr} = await runScript(program, script, {env: server.env})
    expect([status, stderr]).toEqual([2, expect.stringContaining('error: standard input is larger than 4 MiB\n')])
  })

  test('a pipe is read to its end', async () => {
    const outcome = await runScript('npm program', `printf '%s' '${GOOD}' | headscale-ts policy set -f -`, {
      env: server.env,
    })
    expect(outcome).toEqual({status: 0, stdout: 'Policy updated.\n', stderr: ''})
  })

  test("headscale's flag for its database is explained", async () => {
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
