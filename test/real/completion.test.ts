/** Completion offers the names of a real server, over its socket and over REST. */
import {describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {available, startHeadscale} from '../support/real-servers.ts'

describe.for(['0.17.1', '0.29.3'].filter((version) => available(version).ok))('headscale %s', (version) => {
  test('offers users, nodes and keys', {timeout: 60_000}, async () => {
    const server = await startHeadscale({version})
    try {
      const socket = {HEADSCALE_UNIX_SOCKET: server.socketPath}
      const run = async (...argv: string[]) => {
        const outcome = await runHere(argv, {env: socket})
        expect(outcome).toMatchObject({status: 0})
        return outcome.stdout
      }
      await run('users', 'create', 'ops')
      const line = ['--name', 'web', '-u', 'ops', '-r', '10.0.0.0/24', '-r', 'fd7a:115c::/48', '-o', 'json']
      const {registrationKey} = JSON.parse(await run('debug', 'create-node', ...line)) as {registrationKey: string}
      await run('nodes', 'register', '-u', 'ops', '-k', registrationKey)
      const secret = (await run('preauthkeys', 'create', '-u', 'ops', '-o', 'key')).trim()

      const rest = {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey}
      for (const env of [socket, rest]) {
        const offered = async (...words: string[]) => {
          const argv = ['__complete', 'fish', '=', ...words]
          const outcome = await runHere(argv, {env: {...env, HEADSCALE_TS_COMPLETION_TIMEOUT: '20s'}})
          expect(outcome).toMatchObject({status: 0, stderr: ''})
          expect(outcome.stdout).not.toContain(secret)
          expect(outcome.stdout).not.toContain(server.apiKey)
          return outcome.stdout.split('\n').slice(0, -1)
        }
        expect(await offered('nodes', 'list', '-u')).toEqual(['ops\tid 1'])
        expect(await offered('nodes', 'delete')).toEqual([expect.stringMatching(/^web\tid 1, ops, 100\.64\.0\.1, /)])
        // 0.29 forgets the routes of a node that "debug create-node" made.
        const routes = version === '0.17.1' ? ['10.0.0.0/24', 'fd7a:115c::/48'] : []
        const known = await offered('routes', 'enable', '-i', 'web', '-r')
        expect(known.map((text) => text.split('\t')[0]!).toSorted()).toEqual(routes)
        expect(await offered('preauthkeys', 'expire')).toEqual([expect.stringMatching(/^1\t/)])
        expect(await offered('apikeys', 'delete')).toEqual([expect.stringMatching(/^1\t/)])
      }
    } finally {
      await server.stop()
    }
  })
})
