/**
 * `routes check` and `preauthkeys create --join` with real clients: two routers join with the printed command, share a
 * prefix, and go offline one after the other.
 */
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {runHere, scratchFolder} from '../support/program.ts'
import {startTailnet, tailnetAvailable} from '../support/real-tailnet.ts'

const PREFIX = '10.10.0.0/24'

interface Check {
  prefix: string
  status: string
  nodes: {givenName: string; online: boolean; isPrimary: boolean}[]
}

describe.for(['0.26.1', '0.29.3'].filter((version) => tailnetAvailable(version).ok))('headscale %s', (version) => {
  test('a shared prefix has a server until both routers are offline', {timeout: 180_000}, async () => {
    const tailnet = await startTailnet({version, clients: ['one', 'two'], relay: 'insecure'})
    const env = {HEADSCALE_UNIX_SOCKET: tailnet.headscale.socketPath}
    const run = (...argv: string[]) => runHere(argv, {env})
    try {
      await run('users', 'create', 'ops')
      const file = join(scratchFolder(), 'key')
      const flags = ['-u', 'ops', '--reusable', '--join', '--output-file', file]
      const {stdout} = await runHere(['preauthkeys', 'create', ...flags], {
        env: {...env, HEADSCALE_CONFIG: tailnet.headscale.configPath},
      })
      expect(stdout).toBe(`tailscale up --login-server ${tailnet.headscale.url} --auth-key file:${file}\n`)
      for (const client of tailnet.clients) {
        expect(await client.up(stdout.trim().split(' ').slice(-2))).toBe(null)
        await client.advertise([PREFIX])
      }
      /** The status of the prefix, its nodes that are online, and its primary. */
      const state = async (): Promise<[number, string | undefined, string[], string[]]> => {
        const {status, stdout: json} = await run('routes', 'check', '-o', 'json')
        const [check] = JSON.parse(json === '' ? '[]' : json) as Check[]
        const names = (of: (node: Check['nodes'][number]) => boolean) =>
          (check?.nodes ?? []).filter(of).map(({givenName}) => givenName)
        const primary = check?.status === 'ok' ? names(({isPrimary}) => isPrimary) : []
        return [status, check?.status, names(({online}) => online), primary]
      }
      const soon = {timeout: 60_000, interval: 1000}
      await expect.poll(state, soon).toEqual([0, 'pending', ['one', 'two'], []])
      expect((await run('routes', 'enable', '--all', '--user', 'ops', '--force')).status).toBe(0)
      // The server serves it with the node whose approval came first.
      await expect.poll(state, soon).toEqual([0, 'ok', ['one', 'two'], [expect.stringMatching(/^(one|two)$/)]])
      const [, , , [primary]] = await state()
      const first = tailnet.clients.find(({hostname}) => hostname === primary)
      const other = tailnet.clients.find(({hostname}) => hostname !== primary)
      await first!.cli(['down'])
      await expect.poll(state, soon).toEqual([0, 'ok', [other!.hostname], [other!.hostname]])
      await other!.cli(['down'])
      await expect.poll(state, soon).toEqual([6, 'no-server', [], []])
    } finally {
      await tailnet.stop()
    }
  })
})
