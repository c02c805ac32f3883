/**
 * A reverse proxy that forwards only /api/v1/, and not the description of the API. The release is then detected by
 * requests that change nothing.
 */
import {createServer, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {useFixture} from '../../support/fixture.ts'
import {runHere} from '../../support/program.ts'
import {SERVERS} from '../../support/servers.ts'

/** Release groups that only the description distinguishes, and the one that is assumed. */
const ASSUMED: Record<string, string> = {'0.16': '0.17', '0.27.1': '0.27.0'}

describe.for(SERVERS.filter(({via}) => via === 'REST'))(
  'behind a proxy that forwards only /api/v1/: $label',
  (spec) => {
    const server = useFixture(spec)
    const seen: string[] = []
    let env: Record<string, string | undefined>
    const proxy = createServer((incoming, reply) => {
      const path = incoming.url ?? ''
      if (!path.startsWith('/api/v1/') || path.includes('openapi')) {
        reply.writeHead(404, {'content-type': 'text/html'}).end('<html>404</html>')
        return
      }
      seen.push(`${incoming.method} ${path}`)
      const {method, headers} = incoming
      const upstream = request(server.env.HEADSCALE_CLI_ADDRESS + path, {method, headers}, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(reply)
      })
      upstream.on('error', () => reply.writeHead(502).end())
      incoming.pipe(upstream)
    })
    beforeAll(async () => {
      await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
      const {port} = proxy.address() as AddressInfo
      env = {...server.env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`}
    })
    afterAll(() => void proxy.close())

    test('detects the release and changes nothing', async () => {
      const look = async () => JSON.stringify([await server.api.users.list(), await server.api.nodes.list()])
      await server.run(['users', 'create', 'default'])
      const before = await look()
      const {status, stdout} = await runHere(['version', '-o', 'json'], {env})
      const {releases} = server.api.server
      expect([status, (JSON.parse(stdout) as {server: {releases: string}}).server.releases]).toEqual([
        0,
        ASSUMED[releases] ?? releases,
      ])
      expect(await look()).toBe(before)
      expect(seen.filter((line) => line.startsWith('DELETE') || line.startsWith('POST')).toSorted()).toEqual([
        'DELETE /api/v1/preauthkey?id=-',
        'DELETE /api/v1/routes/-',
        'POST /api/v1/auth/register',
        'POST /api/v1/machine/-/tags',
        'POST /api/v1/node/-/approve_routes',
      ])
    })

    test('commands work', async () => {
      expect(await runHere(['users', 'create', 'second'], {env})).toMatchObject({status: 0, stderr: ''})
      const names = (await server.api.users.list()).map(({name}) => name)
      expect(names.toSorted()).toEqual(['default', 'second'])
      expect(await runHere(['nodes', 'list', '-o', 'json'], {env})).toMatchObject({status: 0, stdout: '[]\n'})
    })

    test('a wrong key is rejected', async () => {
      const wrong = {...env, HEADSCALE_CLI_API_KEY: 'abcdefghij.ThisIsTheSecretPartOfTheKey_0123456789-abcdef'}
      expect(await runHere(['users', 'list'], {env: wrong})).toEqual({
        status: 4,
        stdout: '',
        stderr:
          'error: the server rejected the API key: it is invalid or expired\n' +
          'hint: create a new key on the server (headscale apikeys create), or find the cause: headscale-ts doctor\n',
      })
    })
  },
)
