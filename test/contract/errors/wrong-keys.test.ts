/** Invalid registration keys, which are never sent since some servers crash, and wrong API keys, on every server. */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../../support/fixture.ts'
import {runHere} from '../../support/program.ts'
import {SERVERS} from '../../support/servers.ts'

const HEX = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'

describe.for(SERVERS)('wrong keys at $label', (spec) => {
  const server = useFixture(spec)

  test.for(['', 'discokey:12', `nodekey:${HEX}00`, 'mkey:xyz', 'hskey-authreq-short', 'https://example.com/register/'])(
    'the registration key %j is not sent',
    async (key) => {
      await server.run(['users', 'create', 'default'])
      const register = await server.error('nodes', 'register', '-u', 'default', `--key=${key}`)
      const debug = await server.error('debug', 'create-node', '--name', 'n', '-u', 'default', `--key=${key}`)
      expect([register.exitCode, debug.exitCode]).toEqual([2, 2])
      expect(await server.api.nodes.list()).toEqual([])
    },
  )

  test('the server still runs and accepts a valid key', async () => {
    const {status, stderr} = await server.run(['debug', 'create-node', '--name', 'n', '-u', 'default'])
    expect([status, stderr]).toEqual([0, ''])
  })

  test.runIf(spec.via === 'REST').for([
    ['in the form of 0.15 to 0.27', 'abcdefghij.ThisIsTheSecretPartOfTheKey_0123456789-abcdef'],
    ['in the form of 0.28 and later', `hskey-api-abcdefghijkl-${'x'.repeat(64)}`],
    ['in no known form', 'nonsense'],
  ] as const)('rejects a wrong API key %s', async ([, key]) => {
    const env = {...server.env, HEADSCALE_CLI_API_KEY: key}
    const {status, stdout, stderr} = await runHere(['users', 'create', 'mallory', '-o', 'json'], {env})
    expect([status, stdout, JSON.parse(stderr)]).toMatchObject([
      4,
      '',
      {
        error: {
          code: 'unauthenticated',
          hint: 'create a new key on the server (headscale apikeys create), or find the cause: headscale-ts doctor',
        },
      },
    ])
    expect(stderr).not.toContain(key)
    expect((await server.api.users.list()).map(({name}) => name)).toEqual(['default'])
  })
})
