/**
 * Records whose row is gone from the server's database, as old servers leave them: a route without a node, a node
 * without a user. The server sends an empty record with id 0 in their place. A proxy in front of the sandbox does that.
 */
import {createServer, request} from 'node:http'
import {describe, expect, onTestFinished, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'
import {listenOnPort} from '../wire/support/servers.ts'

const EMPTY = {id: '0', name: '', givenName: ''}

interface Row {
  name?: string
  prefix?: string
}

/** A sandbox with the routes of `router` without their node, and `lost` without its user. @returns its environment */
async function start(release: string): Promise<Record<string, string | undefined>> {
  const nodes = [
    {name: 'router', user: 'default', routes: ['10.77.0.0/24'], approved: ['10.77.0.0/24']},
    {name: 'lost', user: 'default'},
  ]
  const sandbox = await startTestSandbox({release, via: 'REST', seed: {nodes}})
  onTestFinished(() => sandbox.close())
  const word = release < '0.23' ? 'machine' : 'node'
  const edited = (body: string) => {
    const reply = JSON.parse(body) as Record<string, Row[] | undefined>
    return JSON.stringify({
      ...reply,
      ...(reply['routes'] && {routes: reply['routes'].map((route) => ({...route, [word]: EMPTY}))}),
      ...(reply[`${word}s`] && {
        [`${word}s`]: reply[`${word}s`]!.map((node) => (node.name === 'lost' ? {...node, user: EMPTY} : node)),
      }),
    })
  }
  const proxy = createServer((incoming, reply) => {
    const {url, method, headers} = incoming
    const upstream = request(`${sandbox.env.HEADSCALE_CLI_ADDRESS}${url}`, {method, headers}, async (answer) => {
      const body = Buffer.concat(await answer.toArray()).toString()
      const edits = method === 'GET' && [`/api/v1/${word}`, '/api/v1/routes'].includes(url!)
      reply.writeHead(answer.statusCode ?? 502, {'content-type': answer.headers['content-type'] ?? 'text/plain'})
      reply.end(edits ? edited(body) : body)
    })
    incoming.pipe(upstream)
  })
  return {...sandbox.env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${await listenOnPort(proxy)}`}
}

describe.for(['0.22', '0.25'])('headscale %s', (release) => {
  test('a route whose node was removed is shown without one, is not enabled or disabled, and can be deleted', async () => {
    const env = await start(release)
    const run = (...argv: string[]) => runHere(argv, {env})
    const {stdout} = await run('routes', 'list', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject([{id: '1', node: null, prefix: '10.77.0.0/24', enabled: true}])
    expect((await run('routes', 'list')).stdout).toBe(
      'ID | Node ID | Node | Prefix       | Advertised | Enabled | Primary\n' +
        '1  | -       | -    | 10.77.0.0/24 | true       | true    | true\n',
    )
    for (const verb of ['enable', 'disable']) {
      expect(await run('routes', verb, '-r', '1')).toEqual({
        status: 3,
        stdout: '',
        stderr:
          'error: route 1 (10.77.0.0/24) belongs to no node\n' +
          'hint: its node was removed; delete the route: headscale-ts routes delete -r 1 (headscale 0.21 to 0.25)\n',
      })
    }
    expect((await run('routes', 'delete', '-r', '1', '--dry-run')).stderr).toBe(
      'would delete route 1 (10.77.0.0/24 of no node)\n',
    )
    expect(await run('routes', 'delete', '-r', '1')).toMatchObject({status: 0, stdout: 'Route deleted\n'})
  })

  test('a node whose user was removed has no user', async () => {
    const env = await start(release)
    const {stdout} = await runHere(['nodes', 'list', '-o', 'json'], {env})
    expect(JSON.parse(stdout)).toMatchObject([
      {name: 'router', user: {id: '1'}},
      {name: 'lost', user: null},
    ])
  })
})
