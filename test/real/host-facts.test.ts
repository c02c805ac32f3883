/**
 * What a real client reports to real servers, in nodes list and nodes show, with the config file of the server alone. The
 * program runs in the network of the server, where its debug pages are.
 */
import {afterAll, beforeAll, describe, test} from 'vitest'
import {childEnv, type Outcome, PROGRAMS} from '../support/program.ts'
import {startTailnet, type Tailnet, tailnetAvailable} from '../support/real-tailnet.ts'

const CASES = [
  ['0.26.1', false],
  ['0.27.1', true],
  ['0.28.0', true],
  ['0.29.3', true],
] as const

describe.concurrent.each(CASES)('headscale %s', (version, isKnown) => {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: what clients report to headscale ${version}: ${reason}`)
  let tailnet: Tailnet

  beforeAll(async () => {
    if (!ok) return
    tailnet = await startTailnet({version, clients: ['laptop']})
    await type('users create ada')
    const {stdout: key} = await type('preauthkeys create -u ada -o key')
    await tailnet.clients[0]!.up(['--auth-key', key.trim()])
    await tailnet.clients[0]!.joined()
  })
  afterAll(() => tailnet?.stop())

  async function type(line: string): Promise<Outcome> {
    const command = [...PROGRAMS.executable, ...line.split(' '), '-c', tailnet.headscale.configPath]
    const {code, stdout, stderr} = await tailnet.exec(command, {env: childEnv()})
    return {status: code ?? 128, stdout, stderr}
  }

  test.runIf(ok)('the client of a node', async ({expect}) => {
    const client = async () => {
      const {stdout, stderr} = await type('nodes list -o json')
      const [node] = JSON.parse(stdout) as Record<string, unknown>[]
      return [node!.os, node!.osVersion, node!.clientVersion, node!.endpoints, stderr]
    }
    const text = expect.any(String)
    // The endpoints come a moment after the client has joined.
    const endpoints = expect.arrayContaining([expect.stringMatching(/^192\.0\.2\.10:\d+$/)])
    await expect
      .poll(client, {timeout: 20_000, interval: 500})
      .toEqual(
        isKnown ? ['linux', text, expect.stringMatching(/^1\.102\.5/), endpoints, ''] : [null, null, null, null, ''],
      )

    const [wide, show] = [await type('nodes list -o wide'), await type('nodes show laptop')]
    const why = 'needs headscale 0.27.0 or later; the server is 0.26'
    if (isKnown) {
      expect(wide.stdout).toMatch(/\| linux \| 1\.102\.5 \| .*192\.0\.2\.10:\d+/)
      expect(show.stdout).toMatch(/^OS: +linux \(.+\)\nClient: +1\.102\.5\S*\nEndpoints: +.*192\.0\.2\.10:\d+/m)
      expect([wide.stderr, show.stderr]).toEqual(['', ''])
    } else {
      expect(wide.stderr).toBe(`note: OS, client version and endpoints are unknown: ${why}\n`)
      expect(show.stdout).toMatch(`OS, client:        unknown: ${why}\n`)
    }
  })
})
