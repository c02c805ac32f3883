/** Standard error: text as it comes, or with -o json one object at the end that includes warnings. */
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {runHere, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestSandbox({
    release: '0.29',
    seed: {
      users: [{name: 'default'}, {name: 'spare'}],
      nodes: [{name: 'nas', user: 'default'}],
      preAuthKeys: [{user: 'spare'}],
    },
  })
})
afterAll(() => server.close())

const run = (...argv: string[]) => runHere(argv, {env: server.env})

describe('with -o', () => {
  // Warns that the user's pre-auth key is deleted too, then fails because there is no terminal for the question.
  const refused = ['users', 'destroy', 'spare']

  test('json, an error holds the warnings from before it', async () => {
    const {status, stderr} = await run(...refused, '-o', 'json')
    const {error} = JSON.parse(stderr) as {error: {code: string; warnings: string[]}}
    expect([status, error.code, error.warnings.length]).toEqual([9, 'needs-confirmation', 1])
  })

  test('yaml, the same', async () => {
    const [yaml, json] = [await run(...refused, '-o', 'yaml'), await run(...refused, '-o', 'json')]
    expect(parse(yaml.stderr)).toEqual(JSON.parse(json.stderr))
  })

  test('json-line, it is one line', async () => {
    const {stderr} = await run(...refused, '-o', 'json-line')
    expect([stderr.endsWith('\n'), stderr.trimEnd().includes('\n')]).toEqual([true, false])
  })

  test('json, an error without warnings has an empty list', async () => {
    const {stderr} = await run('nodes', 'nope', '-o', 'json')
    expect((JSON.parse(stderr) as {error: unknown}).error).toMatchObject({code: 'usage', warnings: []})
  })

  test('json, warnings of a command that succeeds are a separate object', async () => {
    const {status, stdout, stderr} = await runHere(['version', '-o', 'json'], {env: {HEADSCALE_CONFIG: undefined}})
    expect([status, JSON.parse(stdout)]).toMatchObject([0, {server: null}])
    expect(JSON.parse(stderr)).toEqual({warnings: [expect.stringMatching(/^no server found: /)]})
  })

  test('json, the object includes warnings about the configuration', async () => {
    const folder = scratchFolder()
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, 'abcdefg.secret\n', {mode: 0o644})
    const argv = ['--address', 'http://headscale.invalid', '--api-key-file', keyFile, 'users', 'list', '-o', 'json']
    const {stderr} = await runHere([...argv, '--timeout', '2s'])
    const {error} = JSON.parse(stderr) as {error: {warnings: string[]}}
    expect(error.warnings).toContainEqual(expect.stringContaining('unencrypted http'))
  })

  test('json, nothing is printed without an error or warning', async () => {
    expect((await run('users', 'list', '-o', 'json')).stderr).toBe('')
  })

  test('json, the stack of an error is part of the object under DEBUG', async () => {
    const {stderr} = await runHere(['nodes', 'nope', '-o', 'json'], {env: {DEBUG: '1'}})
    const {error} = JSON.parse(stderr) as {error: {stack: string[]}}
    expect(error.stack[0]).toMatch(/^HeadscaleError: unknown command/)
  })
})

test('without -o, a warning is a separate line before the error', async () => {
  const {stderr} = await run('users', 'destroy', 'spare')
  expect(stderr.split('\n').map((line) => line.split(':')[0])).toEqual(['warning', 'error', 'hint', ''])
})

test('messages contain no control characters or secrets from the server', async () => {
  const key = 'hskey-api-0123456789ab-0123456789012345678901234567890123456789'
  const {stderr} = await run('nodes', `\u001b[2J ${key}`)
  expect(stderr).not.toContain('\u001b')
  expect(stderr).not.toContain('0123456789ab-0123')
})

test('without a terminal a long wait is silent', async () => {
  const silent = createServer(() => {}).listen(join(scratchFolder(), 'hs.sock'))
  const argv = ['users', 'list', '--socket', silent.address() as string, '--timeout', '1500ms']
  expect((await runHere(argv)).stderr).not.toContain('waiting')
  silent.close()
})
