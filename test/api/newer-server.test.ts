/** A server newer than any release the program knows: it is used as the newest one, and the program says so. */
import {createServer} from 'node:http'
import {describe, expect, test} from 'vitest'
import {isNewerThanKnown, RELEASE_GROUPS} from '../../src/api/releases.ts'
import {runHere, scratchFolder} from '../support/program.ts'
import {listenOnPort, listenOnSocket} from '../wire/support/servers.ts'

const newest = RELEASE_GROUPS.at(-1)!.id

/** Replies like 0.30, with another version. It has users and nothing else. */
function server(version: string | null, apiVersion = 'v1') {
  return createServer(({url}, response) => {
    const answer = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    if (url === '/api/v1/openapi.json') return void answer({openapi: '3.1.0', info: {version: apiVersion}})
    if (url === '/version' && version !== null) return void answer({version})
    if (url === '/api/v1/user') return void answer({users: []})
    response.writeHead(404, {'content-type': 'text/plain'}).end('404 page not found')
  })
}

describe.for(['an address', 'a socket'] as const)('at %s', (at) => {
  async function env(version: string | null, apiVersion?: string): Promise<Record<string, string>> {
    if (at === 'a socket') return {HEADSCALE_UNIX_SOCKET: await listenOnSocket(server(version, apiVersion))}
    const port = await listenOnPort(server(version, apiVersion))
    return {HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`, HEADSCALE_CLI_API_KEY: 'abc.def'}
  }
  const warning = (version: string) =>
    `warning: headscale ${version} is newer than this headscale-ts knows, and is used as ${newest}\n`

  test('is used as the newest known, with one warning on every call', async () => {
    const found = {...(await env('v0.31.2')), XDG_CACHE_HOME: scratchFolder()}
    for (const argv of [['users', 'list'], ['users', 'list'], ['version']]) {
      const {status, stderr} = await runHere(argv, {env: found})
      expect([status, stderr]).toEqual([0, warning('0.31.2')])
    }
  })

  test('is recognised by the version in its API description, too', async () => {
    expect((await runHere(['users', 'list'], {env: await env(null, '1.0.0')})).stderr).toBe(warning('1.0.0'))
  })

  test('that lacks a call gives the hint to update the program', async () => {
    const {status, stderr} = await runHere(['apikeys', 'list'], {env: await env('0.31.0')})
    expect([status, stderr]).toEqual([
      8,
      `${warning('0.31.0')}error: the server does not have this API call\n` +
        'hint: headscale 0.31.0 is newer than this headscale-ts knows: update headscale-ts\n',
    ])
  })

  test.for(['v0.30.0', '0.30.4-beta.1', 'v0.29.1-0.20260101000000-f20f1f12', 'dev', null, '0.31 x', '<0.31.0>'])(
    'is not told from the version %s',
    async (version) => {
      expect(await runHere(['users', 'list'], {env: await env(version)})).toMatchObject({status: 0, stderr: ''})
    },
  )
})

test.for([
  ['0.30', false],
  ['0.31', true],
  ['v1.0', true],
  ['0.9', false],
  ['0.310', true],
  ['31', false],
] as const)('version %s is newer: %s', ([version, newer]) => {
  expect(isNewerThanKnown(version)).toBe(newer)
})
