/**
 * `policy apply`, `edit`, `history` and `rollback`: what they print, and which policy is at work after each way they can
 * end. Real servers of every release do the same in test/real/policy.
 */
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {
  KEPT_POLICIES,
  savedPolicies,
  savedPoliciesFolder,
  savePolicy,
} from '../../src/usecases/policy/saved-policies.ts'
import {policyProxy} from '../support/policy-proxy.ts'
import {type InProcess, MATRIX, runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {transcript} from '../support/transcript.ts'

const rule = (source: string, ports: string) =>
  `{\n  // who reaches what\n  "acls": [{"action": "accept", "src": ["${source}"], "dst": ["*:${ports}"]}],\n}\n`
const OLD = rule('10.0.0.0/8', '22')
const NEW = rule('10.0.0.0/8', '80,443')
/** Rejected by every release, and up to 0.26 only after it was loaded. */
const BAD = '{"acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]}'

interface Session {
  server: TestServer
  home: string
  folder: string
  run(argv: string[], options?: InProcess): ReturnType<typeof runHere>
  file(text: string): string
  stored(): Promise<string | null>
}

async function session(release: string, policy?: string): Promise<Session> {
  const seed = {users: [{name: 'alice'}], nodes: [{name: 'nas', user: 'alice'}], ...(policy && {policy})}
  const server = await startTestSandbox({release, seed})
  const home = scratchFolder()
  const run: Session['run'] = (argv, {env, ...options} = {}) =>
    runHere(argv, {home, cwd: home, ...options, env: {...server.env, ...env}})
  return {
    server,
    home,
    folder: join(home, '.local/state/headscale-ts/policies'),
    run,
    file(text) {
      const path = join(home, 'new.hujson')
      writeFileSync(path, text)
      return path
    },
    async stored() {
      const {status, stdout} = await run(['policy', 'get', '-o', 'json'])
      return status === 0 ? (JSON.parse(stdout) as {policy: string}).policy : null
    },
  }
}

/** Presses Ctrl-C when the old policy is saved and the new one is on its way. */
function whenSaved(folder: string): NonNullable<InProcess['interrupt']> {
  let isPressed = false
  return (press) => {
    const poll = () => {
      if (isPressed) return
      if (!existsSync(folder) || readdirSync(folder).length === 0) return void setImmediate(poll)
      isPressed = true
      press()
    }
    poll()
  }
}

test('a policy is applied, listed and rolled back', async () => {
  const {run, server, home, folder, file} = await session('0.29', OLD)
  const path = file(NEW)
  const shown = transcript((argv) => run(argv))
  shown.mask(server.env.HEADSCALE_UNIX_SOCKET!, '/run/headscale.sock')
  shown.mask(home, '~')
  await shown.line('policy', 'apply', path, '--dry-run')
  expect(existsSync(folder)).toBe(false)
  await shown.line('policy', 'apply', path)
  await shown.line('policy', 'apply', path, '--force')
  await shown.line('policy', 'apply', path)
  await shown.line('policy', 'history')
  await shown.line('policy', 'history', '1')
  await shown.line('policy', 'rollback', '--force')
  await shown.line('policy', 'get')
  await shown.line('policy', 'rollback', '3', '--force')
  await shown.line('policy', 'apply', file(rule('group:ops', '*')), '--force')
  await shown.line('policy', 'apply', file(''), '--force')
  await expect(shown.text()).toMatchFileSnapshot('../golden/policy/apply.txt')
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600])
  await server.close()
})

test('the line to go back, and the one to apply a draft, name the server as the command did', async () => {
  const {run, server, home, file} = await session('0.29', OLD)
  const at = ['--socket', server.env.HEADSCALE_UNIX_SOCKET!]
  const {stderr} = await run(['policy', 'apply', file(NEW), '--force', ...at])
  expect(stderr).toMatch(new RegExp(`^note: .* to go back: headscale-ts policy rollback ${at.join(' ')}$`, 'm'))
  const {stdout} = await run(['policy', 'history', '-o', 'json', ...at])
  expect(stdout).toMatch(/"savedAt": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/)
  const edited = await run(['policy', 'edit', ...at], {env: {EDITOR: 'false'}})
  expect(edited.stderr).toMatch(new RegExp(`headscale-ts policy apply ${home}/.*\\.hujson ${at.join(' ')}$`, 'm'))
  await server.close()
})

test('a line feed at the end is no difference, so that the output of policy get is unchanged', async () => {
  const {run, server, file} = await session('0.29', BAD.replace('deny', 'accept'))
  const path = file((await run(['policy', 'get'])).stdout)
  expect(await run(['policy', 'apply', path])).toEqual({
    status: 0,
    stdout: 'Policy unchanged: the server has this text.\n',
    stderr: '',
  })
  expect((await run(['policy', 'diff', path])).status).toBe(0)
  await server.close()
})

describe('the question', () => {
  let s: Session
  beforeAll(async () => void (s = await session('0.29', OLD)))
  afterAll(() => s.server.close())

  test('is after what changes, and no is exit code 9', async () => {
    const {status, stderr} = await s.run(['policy', 'apply', s.file(NEW)], {answer: false})
    expect(status).toBe(9)
    expect(stderr).toContain(`? Replace the policy of ${s.server.env.HEADSCALE_UNIX_SOCKET}?\n`)
    expect(stderr.indexOf('+  "acls"')).toBeLessThan(stderr.indexOf('? Replace'))
    expect(await s.stored()).toBe(OLD)
  })

  test('a change by somebody else after it was read is not overwritten', async () => {
    const other = rule('10.0.0.0/8', '8080')
    const {status, stderr} = await s.run(['policy', 'apply', s.file(NEW)], {
      answer: async () => (await s.run(['policy', 'set', '-f', writeOther(s, other)])).status === 0,
    })
    expect(status).toBe(1)
    expect(stderr).toContain('error: somebody else has replaced the policy at 20')
    expect(stderr).toContain('hint: nothing was changed; look at the new policy and run the command again')
    expect(await s.stored()).toBe(other)
  })

  test('with -o json, findings are in the error, and the object is what is stored', async () => {
    const failed = await s.run(['policy', 'apply', s.file(BAD), '-y', '-o', 'json'])
    expect([failed.status, failed.stdout]).toEqual([6, ''])
    expect(JSON.parse(failed.stderr)).toMatchObject({
      error: {
        release: '0.29',
        findings: [
          {code: 'invalid-action', line: 1},
          {code: 'outside-of-any', line: 1},
        ],
      },
    })
    const {stdout} = await s.run(['policy', 'apply', s.file(NEW), '-y', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({policy: NEW})
    const same = await s.run(['policy', 'apply', s.file(NEW), '-y', '-o', 'json'])
    expect([same.status, JSON.parse(same.stdout)]).toMatchObject([0, {policy: NEW}])
  })
})

function writeOther({home}: Session, text: string): string {
  const path = join(home, 'other.hujson')
  writeFileSync(path, text)
  return path
}

describe.for(MATRIX ? ['0.23', '0.25', '0.26', '0.29'] : ['0.25', '0.29'])('%s', (release) => {
  let s: Session
  const start = async (policy?: string) => {
    await s?.server.close()
    s = await session(release, policy)
    return s
  }
  afterAll(() => s.server.close())
  const works = async (name: string) => expect((await s.run(['users', 'create', name])).status, name).toBe(0)

  test('a rejected policy leaves the old one at work', async () => {
    const {run, file, stored, folder} = await start(OLD)
    const {status, stderr} = await run(['policy', 'apply', file(BAD), '-y', '--no-check'])
    expect(status).toBe(6)
    const isSetAgain = release === '0.25' || release === '0.26'
    expect(stderr.split('\n').at(-2)).toBe(`hint: the old policy is ${isSetAgain ? 'at work again' : 'still at work'}`)
    expect(await stored()).toBe(OLD)
    expect(readdirSync(folder)).toEqual([])
    await works('bob')
  })

  test('an interrupted one is undone', async () => {
    const {run, file, stored, folder} = await start(OLD)
    const {status, stderr} = await run(['policy', 'apply', file(NEW), '-y'], {interrupt: whenSaved(folder)})
    expect([status, stderr.split('\n').slice(-3)]).toEqual([
      130,
      ['interrupted: the old policy stays, or is put back', 'error: interrupted; the old policy is at work again', ''],
    ])
    expect(readdirSync(folder)).toEqual([])
    expect(await stored()).toBe(OLD)
  })

  test('interrupted before the write, nothing is sent', async () => {
    const {run, file, stored} = await start(OLD)
    let isPressed = false
    const interrupt = (press: () => void) => {
      if (isPressed) return
      isPressed = true
      press()
    }
    const {status, stderr} = await run(['policy', 'apply', file(NEW), '-y'], {interrupt})
    expect([status, stderr]).toEqual([130, expect.stringContaining('error: interrupted; nothing was changed\n')])
    expect(await stored()).toBe(OLD)
  })

  test('a rejected first policy leaves everybody connected', async () => {
    const {run, file, stored} = await start()
    const {status, stderr} = await run(['policy', 'apply', file(BAD), '-y', '--no-check'])
    expect(status).toBe(6)
    const isPoisoned = release === '0.25' || release === '0.26'
    expect(stderr.split('\n').at(-2)).toBe(
      isPoisoned
        ? 'hint: every node can reach every other, as before: a policy that says so is stored, since none can be removed'
        : 'hint: there is still no policy',
    )
    expect((await stored()) === null).toBe(!isPoisoned)
    await works('carol')
  })
})

describe('a change without a reply', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestSandbox({release: '0.29', via: 'REST', seed: {policy: OLD}})))
  afterAll(() => server.close())
  const apply = async (text: string, steps: Parameters<typeof policyProxy>[1]) => {
    const home = scratchFolder()
    const path = join(home, 'new.hujson')
    writeFileSync(path, text)
    const proxy = await policyProxy(server.env.HEADSCALE_CLI_ADDRESS!, steps)
    const env = {...server.env, HEADSCALE_CLI_ADDRESS: proxy.url}
    const outcome = await runHere(['policy', 'apply', path, '-y'], {home, env})
    proxy.close()
    return outcome
  }

  test('that the server has not received leaves the old policy, and says so', async () => {
    const {status, stderr} = await apply(NEW, {before: async () => false})
    expect([status, stderr.split('\n').at(-2)]).toEqual([7, 'hint: the old policy is still at work'])
  })

  test('that the server has made is done', async () => {
    const {status, stdout} = await apply(NEW, {after: async () => false})
    expect([status, stdout]).toEqual([0, 'Policy updated.\n'])
  })
})

describe('policy edit', () => {
  let s: Session
  beforeAll(async () => void (s = await session('0.29', OLD)))
  afterAll(() => s.server.close())
  const edit = (editor: string, ...flags: string[]) => s.run(['policy', 'edit', ...flags], {env: {EDITOR: editor}})
  const drafts = () => join(s.home, '.local/state/headscale-ts/drafts')

  test('sends nothing when nothing was changed', async () => {
    const {status, stdout, stderr} = await edit('true', '-y')
    expect([status, stdout, stderr]).toEqual([0, '', 'note: nothing was changed in the editor; nothing was sent\n'])
    expect(readdirSync(drafts())).toEqual([])
  })

  test('applies the draft, and removes it', async () => {
    const {status, stdout} = await edit('sed -i s/:22/:2222/', '-y')
    expect([status, stdout]).toEqual([0, 'Policy updated.\n'])
    expect(await s.stored()).toBe(rule('10.0.0.0/8', '2222'))
    expect(readdirSync(drafts())).toEqual([])
  })

  test('keeps a draft with errors, and one that is declined', async () => {
    const {status, stderr} = await edit('sed -i s/accept/deny/', '-y')
    expect(status).toBe(6)
    const path = /^note: the draft is kept; to apply it: headscale-ts policy apply (.*)$/m.exec(stderr)![1]!
    expect(readFileSync(path, 'utf8')).toContain('"deny"')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(stderr).toContain(`${path}:3:23: error invalid-action`)
    expect((await edit('sed -i s/:2222/:1/')).status).toBe(9)
    expect(readdirSync(drafts())).toHaveLength(2)
    expect(await s.stored()).toBe(rule('10.0.0.0/8', '2222'))
  })

  test('offers to edit a draft with errors again', async () => {
    const script = join(s.home, 'editor')
    // The first time a mistake, the second time its correction.
    writeFileSync(
      script,
      '#!/bin/sh\nif grep -q deny "$1"; then sed -i s/deny/accept/ "$1"; else sed -i "s/accept/deny/; s/:2222/:9/" "$1"; fi\n',
      {mode: 0o755},
    )
    const {status, stderr} = await s.run(['policy', 'edit'], {env: {VISUAL: script, EDITOR: 'false'}, answer: true})
    expect([status, stderr]).toEqual([0, expect.stringContaining('? Edit the draft again?\n')])
    expect(await s.stored()).toBe(rule('10.0.0.0/8', '9'))
  })

  test('a draft that is not edited again is not applied', async () => {
    const {status, stderr} = await s.run(['policy', 'edit'], {env: {EDITOR: 'sed -i s/accept/deny/'}, answer: false})
    expect(status).toBe(6)
    expect(stderr).toMatch(
      /\? Edit the draft again\?\nerror: the draft is not applied\nhint: the draft is kept; to apply it: .*\n$/,
    )
  })

  test('notices a change by somebody else while the editor is open', async () => {
    const other = writeOther(s, OLD)
    const done = join(s.home, 'done')
    const before = readdirSync(drafts()).length
    const editing = edit(`until [ -e ${done} ]; do sleep 0.02; done; sed -i s/:9/:10/`, '-y')
    while (readdirSync(drafts()).length === before) await sleep(10)
    await s.run(['policy', 'set', '-f', other])
    writeFileSync(done, '')
    const {status, stderr} = await editing
    expect([status, stderr]).toEqual([1, expect.stringContaining('error: somebody else has replaced the policy')])
    expect(await s.stored()).toBe(OLD)
  })

  test('says when no editor is named, and when it fails', async () => {
    expect(await s.run(['policy', 'edit'])).toMatchObject({
      status: 2,
      stderr: 'error: no editor is named\nhint: set VISUAL or EDITOR, as in: EDITOR=vi headscale-ts policy edit\n',
    })
    expect(await edit('exit 3; :')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('error: the editor ended with status 3; nothing was changed\n') as string,
    })
  })
})

test('a server before 0.23 reads its policy from a file, which is named after the check', async () => {
  const {server, run, file, home} = await session('0.22')
  const invalid = await run(['policy', 'apply', file(BAD)])
  expect([invalid.status, invalid.stderr]).toEqual([6, expect.stringContaining(': error invalid-action: ')])
  const path = file(NEW)
  const config = join(home, 'config.yaml')
  writeFileSync(config, `unix_socket: ${server.env.HEADSCALE_UNIX_SOCKET}\nacl_policy_path: ./acl.hujson\n`)
  const {status, stderr} = await runHere(['policy', 'apply', path, '-c', config], {home, cwd: home})
  expect([status, stderr]).toEqual([
    8,
    'error: headscale 0.21 or 0.22 reads its policy from a file\n' +
      `hint: on the machine of the server, write ${path} to ${join(home, 'acl.hujson')}, then run: systemctl reload headscale ` +
      '(or: kill -HUP $(pidof headscale))\n',
  ])
  expect((await run(['policy', 'edit'], {env: {EDITOR: 'true'}})).status).toBe(8)
  await server.close()
})

test('only the last policies of a server are kept, each under its own time', () => {
  const home = scratchFolder()
  const host = {env: {}, home}
  const folder = savedPoliciesFolder(host)!
  const now = new Date('2026-11-27T20:00:00Z')
  for (let i = 0; i < KEPT_POLICIES + 3; i++) savePolicy(folder, 'https://hs.example.com', `${i}`, now)
  savePolicy(folder, 'https://other.example.com', 'other', now)
  const kept = savedPolicies('https://hs.example.com', host)
  expect(kept.map(({text}) => text)).toEqual(Array.from({length: KEPT_POLICIES}, (_, i) => `${KEPT_POLICIES + 2 - i}`))
  expect(savedPolicies('https://other.example.com', host)).toHaveLength(1)
})

test('without a safe place the old policy is not saved, and a warning says so', async () => {
  const {server, run, file, stored} = await session('0.29', OLD)
  const {status, stderr} = await run(['policy', 'apply', file(NEW), '-y'], {home: null})
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining('warning: the old policy is not saved: there is no safe place for it'),
  ])
  expect(await stored()).toBe(NEW)
  await server.close()
})
