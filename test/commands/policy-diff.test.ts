/** `policy diff`, and the release that commands take from a configured server when they read files alone. */
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runHere, scratchFiles, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {transcript} from '../support/transcript.ts'

const policy = (...rules: string[]) =>
  `{\n  "tagOwners": {"tag:web": ["ann@"]},\n  "acls": [\n${rules.map((rule) => `    ${rule},\n`).join('')}  ],\n}\n`
const SSH = '{"action": "accept", "src": ["ann@"], "dst": ["*:22"]}'
const WEB = '{"action": "accept", "src": ["*"], "dst": ["tag:web:80,443"]}'
const ALL = '{"action": "accept", "src": ["*"], "dst": ["tag:web:*"]}'

const SEED = {
  users: [{name: 'ann'}, {name: 'ben'}],
  nodes: [
    {name: 'laptop', user: 'ann', ip: ['100.64.0.1']},
    {name: 'desk', user: 'ben', ip: ['100.64.0.2']},
    {name: 'web', user: 'ann', ip: ['100.64.0.3'], tags: ['tag:web']},
  ],
}

const {folder: home, file} = scratchFiles()

describe('policy diff', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', seed: {...SEED, policy: policy(SSH, WEB)}})
  })
  afterAll(() => server.close())
  const run = (argv: string[], env = server.env) => runHere(argv, {home, cwd: home, env})

  test('shows the text, and who gains and loses access', async () => {
    const shown = transcript((argv) => run(argv))
    shown.mask(server.env.HEADSCALE_UNIX_SOCKET!, '/run/headscale.sock')
    shown.mask(`${home}/`, '')
    const [same, other] = [file('same.hujson', policy(SSH, WEB)), file('other.hujson', policy(ALL))]
    await shown.line('policy', 'diff', same)
    await shown.line('policy', 'diff', other)
    await shown.line('policy', 'diff', file('comment.hujson', `// the same rules\n${policy(SSH, WEB)}`))
    await shown.line(
      'policy',
      'diff',
      file('bad.hujson', policy('{"action": "accept", "src": ["group:x"], "dst": []}')),
    )
    await shown.line('policy', 'diff', other, same)
    await shown.line('policy', 'diff', other, '-o', 'json')
    await shown.line('policy', 'diff', join(home, 'missing.hujson'))
    await shown.line('policy', 'diff', '-', '-')
    await expect(shown.text()).toMatchFileSnapshot('../golden/policy/diff.txt')
  })

  test('compares files without a server', async () => {
    const [old, changed] = [file('old.hujson', policy(SSH)), file('new.hujson', policy(SSH, WEB))]
    const seed = file('tailnet.json', JSON.stringify(SEED))
    const withTailnet = await run(['policy', 'diff', old, changed, '--tailnet', seed], {})
    expect([withTailnet.status, withTailnet.stdout]).toEqual([
      1,
      expect.stringContaining('access gained:\n+ laptop -> web: 80,443\n+ desk -> web: 80,443\n'),
    ])
    const alone = await run(['policy', 'diff', old, changed], {})
    expect([alone.status, alone.stderr]).toEqual([
      1,
      'note: access is not compared without a tailnet: --tailnet FILE, or a server\n',
    ])
    const older = await run(['policy', 'diff', old, changed, '--tailnet', seed, '--for', '0.22'], {})
    expect(older.stderr).toBe(
      'note: access is not compared: what headscale 0.22 allows by a policy is not known, only for 0.23 and later\n',
    )
  })

  test('fails with more than 1 where there is nothing to compare', async () => {
    const old = await startTestSandbox({release: '0.22'})
    expect((await run(['policy', 'diff', file('a.hujson', policy(SSH))], old.env)).status).toBe(8)
    await old.close()
    expect(
      (await run(['policy', 'diff', join(home, 'a.hujson')], {HEADSCALE_UNIX_SOCKET: '/nonexistent'})).status,
    ).toBe(7)
  })

  test('without a policy on the server everything was allowed', async () => {
    const empty = await startTestSandbox({release: '0.29', seed: SEED})
    const {status, stdout} = await run(['policy', 'diff', file('web.hujson', policy(WEB))], empty.env)
    await empty.close()
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^--- \/dev\/null\n[^]*\naccess lost:\n- laptop/)])
  })
})

describe('policy check without --for', () => {
  // 0.26 ignores the key that 0.27 and later reject.
  const path = file('later.hujson', '{"acls": [], "grants": []}')
  const check = async (env: Record<string, string | undefined>, ...flags: string[]) => {
    const {status, stdout, stderr} = await runHere(['policy', 'check', path, ...flags], {home: null, cwd: home, env})
    return {status, release: /headscale (\S+)\)/.exec(stdout)?.[1], stderr}
  }

  test('takes the release of the configured server', async () => {
    const server = await startTestSandbox({release: '0.28'})
    expect(await check(server.env)).toEqual({
      status: 6,
      release: '0.28',
      stderr: `note: the rules of headscale 0.28 apply, the release of the socket ${server.env.HEADSCALE_UNIX_SOCKET}\n`,
    })
    expect(await check(server.env, '--for', '0.29')).toEqual({status: 0, release: '0.29', stderr: ''})
    await server.close()
  })

  test('takes 0.29 where no server is configured, or none completely', async () => {
    expect(await check({})).toEqual({status: 0, release: '0.29', stderr: ''})
    expect(await check({HEADSCALE_CLI_ADDRESS: 'https://hs.example.com'})).toEqual({
      status: 0,
      release: '0.29',
      stderr: expect.stringMatching(/^note: no server is asked: no API key for hs\.example\.com/) as string,
    })
  })

  describe('with a server that does not answer', () => {
    let silent: Server
    const socket = join(scratchFolder(), 'silent.sock')
    beforeAll(async () => {
      silent = createServer(() => {})
      await new Promise<void>((done) => silent.listen(socket, done))
    })
    afterAll(() => silent.close())

    test.for([
      ['is not there', join(home, 'missing.sock')],
      ['is silent', socket],
    ])('%s: 0.29 soon', async ([, at]) => {
      const start = performance.now()
      expect(await check({HEADSCALE_UNIX_SOCKET: at})).toEqual({
        status: 0,
        release: '0.29',
        stderr: expect.stringMatching(/; the rules of headscale 0\.29 apply \(--for chooses others\)\n$/) as string,
      })
      expect(performance.now() - start).toBeLessThan(10_000)
    })
  })
})

describe('commands that read files alone, without --for', () => {
  const [old, changed] = [file('release-old.hujson', policy(SSH)), file('release-new.hujson', policy(WEB))]
  const seed = file('release.json', JSON.stringify(SEED))
  const lines = [
    ['policy', 'compile', changed, '--tailnet', seed],
    ['policy', 'explain', 'laptop', 'web:80', '--policy', changed, '--tailnet', seed],
    ['policy', 'access', '--policy', changed, '--tailnet', seed],
    ['policy', 'diff', old, changed, '--tailnet', seed],
  ]
  const run = (line: string[], env = {}) => runHere(line, {home: null, cwd: home, env})

  test('take the release of the configured server', async () => {
    const server = await startTestSandbox({release: '0.28'})
    const note = `note: the rules of headscale 0.28 apply, the release of the socket ${server.env.HEADSCALE_UNIX_SOCKET}\n`
    for (const line of lines) {
      expect(await run(line, server.env)).toEqual({...(await run([...line, '--for', '0.28'])), stderr: note})
      expect((await run([...line, '--for', '0.29'], server.env)).stderr).toBe('')
    }
    const [compiled, default29] = [await run(lines[0]!, server.env), await run(lines[0]!)]
    expect(compiled.stdout).not.toBe(default29.stdout)
    await server.close()
  })

  test('take 0.29 where it is not known what the release of the server allows', async () => {
    const server = await startTestSandbox({release: '0.22'})
    const stderr =
      'note: what headscale 0.22, the release of the server, allows by a policy is not known; the rules of headscale 0.29 apply ' +
      '(--for chooses others)\n'
    for (const line of lines) expect(await run(line, server.env)).toEqual({...(await run(line)), stderr})
    await server.close()
  })

  test('policy explain of such a server needs --for', async () => {
    const server = await startTestSandbox({release: '0.22', seed: SEED})
    const line = ['policy', 'explain', 'laptop', 'web:80', '--policy', changed]
    expect(await run(line, server.env)).toEqual({
      status: 8,
      stdout: '',
      stderr:
        'error: "policy explain" needs headscale 0.23 to 0.30; the server is 0.21 or 0.22\n' +
        'hint: with --policy and --for, the rules of another release apply (0.23 to 0.30)\n',
    })
    expect(await run([...line, '--for', '0.29'], server.env)).toMatchObject({status: 0})
    await server.close()
  })
})
