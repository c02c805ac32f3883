/**
 * `apikeys rotate`: whatever fails on the way, a key that works remains. A proxy in front of the sandbox refuses what a
 * test names, as a server or a network would.
 */
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type Env, runHere, runScript, scratchFolder} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

interface ListedKey {
  id: string
  prefix: string
  expiration: string
}

interface Call {
  method: string
  path: string
  /** Whether it has the key that the test started with. */
  first: boolean
}

let closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  closing = []
})

/** @param refuses the status for a call that does not reach the sandbox */
async function behindProxy(release: string, refuses: (call: Call) => number | null) {
  const server = await startTestSandbox({release, via: 'REST'})
  closing.push(() => server.close())
  const {HEADSCALE_CLI_ADDRESS: inner, HEADSCALE_CLI_API_KEY: secret} = server.env
  const calls: Call[] = []
  const proxy = createServer((incoming, outgoing) => {
    const {method = '', url: path = '', headers} = incoming
    const call = {method, path, first: headers.authorization === `Bearer ${secret}`}
    calls.push(call)
    const status = refuses(call)
    if (status !== null) return outgoing.writeHead(status).end('refused')
    const passed = request(new URL(path, inner), {method, headers}, (reply) => {
      outgoing.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(outgoing)
    })
    return incoming.pipe(passed)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => proxy.close())
  const {port} = proxy.address() as AddressInfo
  return {
    env: {...server.env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`} as Env,
    calls,
    async valid() {
      const {stdout} = await runHere(['apikeys', 'list', '-o', 'json'], {env: server.env})
      return (JSON.parse(stdout) as ListedKey[]).filter(({expiration}) => new Date(expiration) > new Date())
    },
  }
}

const RELEASES = ['0.15', '0.29', '0.30']

describe.for(RELEASES)('over REST to sandbox %s', (release) => {
  test('the key in use is replaced, and the new one works', async () => {
    const {env, calls} = await behindProxy(release, () => null)
    const {status, stdout, stderr} = await runHere(['apikeys', 'rotate', '-o', 'key'], {env})
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\S{24,}\n$/)])
    expect(stderr).toMatch(
      /^expired API key \S+ \(id 1\)\nnote: the old API key is used here: put the new one in its place \(HEADSCALE_CLI_API_KEY\)\n$/,
    )
    // Created, tried with the new key, and only then expired.
    const key = calls.filter(({path}) => path.includes('/apikey')).map(({method, first}) => `${method} ${first}`)
    expect(key.slice(-3)).toEqual(['POST true', 'GET false', 'POST true'])
    expect((await runHere(['apikeys', 'list'], {env})).status).toBe(4)
    const fresh = {...env, HEADSCALE_CLI_API_KEY: stdout}
    expect((await runHere(['apikeys', 'list'], {env: fresh})).status).toBe(0)
  })

  test('the old key stays valid if the new one is not accepted', async () => {
    const {env, valid} = await behindProxy(release, ({first, path}) =>
      !first && path.includes('/apikey') ? 401 : null,
    )
    const path = join(scratchFolder(), 'key')
    const {status, stdout, stderr} = await runHere(['apikeys', 'rotate', '--output-file', path], {env})
    expect([status, stdout, existsSync(path)]).toEqual([4, '', false])
    const [, undo] =
      stderr.match(
        /^error: a request with the new API key failed, so the old one was not expired: .*\nhint: .*: headscale-ts (.*)\n$/,
      ) ?? []
    expect((await valid()).map(({id}) => id)).toEqual(['1', '2'])
    expect((await runHere(undo!.split(' '), {env})).stdout).toBe('Key expired\n')
    expect((await valid()).map(({id}) => id)).toEqual(['1'])
  })

  test('exit status 10 if the old key cannot be expired', async () => {
    const {env, valid} = await behindProxy(release, ({path}) => (path.includes('/apikey/expire') ? 503 : null))
    const {status, stdout, stderr} = await runHere(['apikeys', 'rotate', '-o', 'json'], {env})
    expect([status, (JSON.parse(stdout) as ListedKey).id]).toEqual([10, '2'])
    const {error} = JSON.parse(stderr) as {error: {code: string; message: string; hint: string}}
    expect(error).toMatchObject({
      code: 'partial',
      message: expect.stringMatching(/^the new API key works, but API key \S+ \(id 1\) was not expired: /) as string,
      hint: 'expire it with: headscale-ts apikeys expire -i 1',
    })
    expect((await valid()).map(({id}) => id)).toEqual(['1', '2'])
  })

  test('nothing is expired if no key can be created', async () => {
    const {env, valid} = await behindProxy(release, ({method, path}) =>
      method === 'POST' && path.endsWith('/apikey') ? 500 : null,
    )
    const {status, stdout} = await runHere(['apikeys', 'rotate'], {env})
    expect([status, stdout]).toEqual([1, ''])
    expect((await valid()).map(({id}) => id)).toEqual(['1'])
  })

  test('a dry run says what would be done', async () => {
    const {env, valid} = await behindProxy(release, () => null)
    const {status, stdout, stderr} = await runHere(['apikeys', 'rotate', '--dry-run'], {env})
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^would create an API key that expires at \S+Z\nwould expire API key \S+ \(id 1\)\n$/)
    expect((await valid()).map(({id}) => id)).toEqual(['1'])
  })
})

test.for(['the file of --api-key-file', 'a config file'])('names the place of the old key: %s', async (place) => {
  const {env} = await behindProxy('0.29', () => null)
  const {HEADSCALE_CLI_ADDRESS: address, HEADSCALE_CLI_API_KEY: secret} = env
  const inConfig = place === 'a config file'
  const path = join(scratchFolder(), 'file.yaml')
  writeFileSync(path, inConfig ? `cli: {address: "${address}", api_key: "${secret}"}\n` : `${secret}\n`, {mode: 0o600})
  const flags = inConfig ? ['-c', path] : ['--address', address!, '--api-key-file', path]
  const {status, stderr} = await runHere(['apikeys', 'rotate', ...flags], {env: {}})
  expect(status).toBe(0)
  expect(stderr).toContain(`in its place (${inConfig ? `cli.api_key in ${path}` : '--api-key-file'})\n`)
  expect(readFileSync(path, 'utf8')).toContain(secret)
})

describe('over a socket', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startTestSandbox({release: '0.22'})
    closing.push(() => server.close())
    await run('create')
  })
  const run = (...argv: string[]) => runHere(['apikeys', ...argv], {env: server.env})
  const NOT_TRIED = 'note: the new API key was not tried, because a socket needs no key; with --address it is\n'

  test('the old key must be named', async () => {
    expect(await run('rotate')).toMatchObject({status: 2, stdout: ''})
    expect(await run('rotate', '1', '-i', '1')).toMatchObject({status: 2, stdout: ''})
    expect(await run('rotate', '9')).toMatchObject({status: 3, stdout: ''})
    const {status, stderr} = await run('rotate', '1')
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^expired API key \S+ \(id 1\)\n/)])
    expect(stderr).toContain(NOT_TRIED)
    expect((await run('rotate', '--id', '1')).stderr).toMatch(/^note: API key \S+ \(id 1\) was expired already\n/)
  })

  test('the old key stays valid if the new one cannot be printed', async () => {
    const script = 'headscale-ts apikeys rotate 1 | true; echo "${PIPESTATUS[0]}"'
    const {stdout, stderr} = await runScript('npm program', script, {env: server.env})
    expect([stdout, stderr]).toEqual(['1\n', expect.stringMatching(/^error: .* was created, but it was not printed: /)])
    const keys = JSON.parse((await run('list', '-o', 'json')).stdout) as ListedKey[]
    expect(keys.filter(({expiration}) => new Date(expiration) > new Date()).map(({id}) => id)).toEqual(['1', '2'])
  })

  test('the new key is written to a file before the old one is expired', async () => {
    const path = join(scratchFolder(), 'key')
    const {status, stdout, stderr} = await run('rotate', '1', '--output-file', path)
    expect([status, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^wrote the API key with the prefix \S+ to \S+\nexpired API key \S+ \(id 1\)\n/)
    expect(readFileSync(path, 'utf8')).toMatch(/^\S{24,}\n$/)
    expect((await run('rotate', '2', '--output-file', path)).status).toBe(12)
  })
})
