/**
 * Pre-auth keys and API keys on every server: creating one prints only the key, an expiration is always sent, lists and
 * errors never contain a complete key, and a key can be expired by its id, in full, or by a unique prefix.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {runHere, scratchFolder} from '../support/program.ts'
import {SERVERS} from '../support/servers.ts'
import {useFixture} from '../support/fixture.ts'
import {smallTailnet} from '../support/tailnets.ts'

/** Far from the server's clock, so that a stored time can only come from the request. */
const NOW = '2037-01-01T00:00:00Z'
const IN_AN_HOUR = '2037-01-01T01:00:00Z'
const IN_90_DAYS = '2037-04-01T00:00:00Z'

interface KeyDocument {
  id: string
  key: string | null
  prefix: string
  expiration: string
  reusable: boolean
  ephemeral: boolean
  user: {name: string} | null
}

describe.for(SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})

  const run = (...argv: string[]) => runHere(argv, {env: server.server.env, now: () => new Date(NOW)})
  async function json<T>(topic: string, verb: string, ...rest: string[]): Promise<T> {
    const {status, stdout, stderr} = await run(topic, verb, '-o', 'json', ...rest)
    expect([status, stderr], [topic, verb, ...rest].join(' ')).toEqual([0, ''])
    return JSON.parse(stdout) as T
  }
  /** Creates a key and finds it in the list. @returns its secret, and the key as listed */
  async function create(topic: string, ...argv: string[]): Promise<{secret: string; listed: KeyDocument}> {
    const before = (await json<KeyDocument[]>(topic, 'list')).map(({id}) => id)
    const {status, stdout, stderr} = await run(topic, 'create', ...argv)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\S{24,}\n$/)
    const fresh = (await json<KeyDocument[]>(topic, 'list')).filter(({id}) => !before.includes(id))
    expect(fresh.length).toBe(1)
    return {secret: stdout.trim(), listed: fresh[0]!}
  }
  const listed = async (topic: string, id: string) =>
    (await json<KeyDocument[]>(topic, 'list')).find((key) => key.id === id)!
  /** The text contains at most the first characters of the secret. */
  const hides = (text: string, secret: string) => {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(secret.slice(-20))
  }

  test('a pre-auth key is valid for an hour, or as long as --expiration says', async () => {
    expect((await create('preauthkeys', '-u', 'default')).listed).toMatchObject({
      expiration: IN_AN_HOUR,
      reusable: false,
      ephemeral: false,
      user: {name: 'default'},
    })
    const {listed: key} = await create('preauthkeys', '-n', 'spare', '--reusable', '--ephemeral', '-e', '1d12h')
    expect(key).toMatchObject({
      expiration: '2037-01-02T12:00:00Z',
      reusable: true,
      ephemeral: true,
      user: {name: 'spare'},
    })
  })

  test('an API key is valid for 90 days, or as long as --expiration says', async () => {
    expect((await create('apikeys')).listed.expiration).toBe(IN_90_DAYS)
    expect((await create('apikeys', '--expiration', '30d')).listed.expiration).toBe('2037-01-31T00:00:00Z')
  })

  test('with -o json the new key is an object that contains the secret', async () => {
    const key = await json<KeyDocument>('preauthkeys', 'create', '-u', 'default')
    expect(key).toMatchObject({expiration: IN_AN_HOUR, user: {id: '1', name: 'default'}})
    expect(key.key).toMatch(/^\S{24,}$/)
    expect(key.key).not.toContain('*')
    const api = await json<KeyDocument>('apikeys', 'create')
    expect(api).toMatchObject({expiration: IN_90_DAYS})
    expect(api.key).toMatch(/^\S{24,}$/)
    expect(api.key!.startsWith(api.prefix.replace(/-?\*+$/, ''))).toBe(true)
  })

  test('a new key is written to a file, or printed for the client', async () => {
    for (const line of [
      ['preauthkeys', 'create', '-u', 'default'],
      ['apikeys', 'create'],
    ]) {
      const path = join(scratchFolder(), 'key')
      const {status, stdout} = await run(...line, '--output-file', path)
      expect([status, stdout]).toEqual([0, ''])
      const secret = readFileSync(path, 'utf8').trim()
      expect(await run(line[0]!, 'expire', '--', secret)).toMatchObject({status: 0, stdout: 'Key expired\n'})
      expect((await run(...line, '-o', 'key')).stdout).toMatch(/^\S{24,}\n$/)
    }
    const {stdout} = await run('preauthkeys', 'create', '-u', 'default', '--join')
    expect(stdout).toMatch(/^tailscale up --login-server \S+ --auth-key \S{24,}\n$/)
    if (server.via === 'REST') expect(stdout).toContain(` ${server.env.HEADSCALE_CLI_ADDRESS} `)
  })

  test('lists hide the secret, in every format', async () => {
    const preAuth = await create('preauthkeys', '-u', 'default')
    const api = await create('apikeys')
    for (const format of [[], ['-o', 'json'], ['-o', 'json-line'], ['-o', 'yaml']]) {
      hides((await run('preauthkeys', 'list', ...format)).stdout, preAuth.secret)
      hides((await run('apikeys', 'list', ...format)).stdout, api.secret)
    }
    expect(preAuth.listed.key).toMatch(/^\S{12,24}\*\*\*$/)
    expect(api.listed.key).toBe(null)
  })

  test('--show-keys shows the secret if the server returns it', async () => {
    const {secret, listed: key} = await create('preauthkeys', '-u', 'default')
    const shown = server.capabilities.preAuthKeysHaveIds ? key.key! : secret
    expect((await run('preauthkeys', 'list', '--show-keys')).stdout).toContain(` ${shown} `)
    const keys = await json<KeyDocument[]>('preauthkeys', 'list', '--show-keys')
    expect(keys.find(({id}) => id === key.id)!.key).toBe(shown)
  })

  test('--user lists only the keys of one user', async () => {
    const names = async (...argv: string[]) =>
      (await json<KeyDocument[]>('preauthkeys', 'list', ...argv)).map(({user}) => user?.name)
    expect(new Set(await names())).toEqual(new Set(['default', 'spare']))
    expect(new Set(await names('-u', 'spare'))).toEqual(new Set(['spare']))
  })

  const ended = (expiration: string) => Date.parse(expiration) <= Date.now() + 1000

  test.for(['id', 'key', 'prefix'] as const)('a pre-auth key is expired by its %s', async (way) => {
    const {secret, listed: key} = await create('preauthkeys', '-u', 'spare')
    const shown = key.key!.replace(/-?\*+$/, '')
    // After --, since a key may begin with a hyphen.
    const words = {id: ['-i', key.id], key: ['--', secret], prefix: ['--', shown]}[way]
    const others = (await json<KeyDocument[]>('preauthkeys', 'list')).filter(({id}) => id !== key.id)
    expect(await run('preauthkeys', 'expire', ...words)).toEqual({status: 0, stdout: 'Key expired\n', stderr: ''})
    expect(ended((await listed('preauthkeys', key.id)).expiration)).toBe(true)
    expect((await json<KeyDocument[]>('preauthkeys', 'list')).filter(({id}) => id !== key.id)).toEqual(others)
  })

  test.for(['id', 'key', '--prefix', 'prefix'] as const)('an API key is expired by its %s', async (way) => {
    const {secret, listed: key} = await create('apikeys')
    const shown = key.prefix.replace(/-?\*+$/, '')
    const words = {
      id: ['-i', key.id],
      key: ['--', secret],
      '--prefix': ['--prefix', key.prefix],
      prefix: ['--', shown.slice(0, -1)],
    }
    const printed = await json<KeyDocument>('apikeys', 'expire', ...words[way])
    expect([printed.id, printed.key, ended(printed.expiration)]).toEqual([key.id, null, true])
    expect(await listed('apikeys', key.id)).toMatchObject({expiration: printed.expiration})
  })

  test('no error contains a key', async () => {
    const {secret} = await create('preauthkeys', '-u', 'spare')
    const wrong = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`
    const lines = [
      ['preauthkeys', 'expire', `x${wrong}`],
      ['preauthkeys', 'expire', wrong, '-u', 'default'],
      ['preauthkeys', 'expire', secret, '-i', '1'],
      ['preauthkeys', 'expire', secret, secret],
      ['preauthkeys', 'expire', '-i', secret],
      ['preauthkeys', 'create', '-u', 'default', `--${secret}`],
      ['preauthkeys', 'expire', '-u', 'nope', secret],
      ['apikeys', 'expire', `x${wrong}`],
      ['apikeys', 'expire', '--prefix', `x${wrong}`],
    ]
    for (const line of lines) {
      for (const format of [[], ['-o', 'json']]) {
        const {status, stdout, stderr} = await run(...line, ...format)
        expect([status === 0, stdout], line.join(' ')).toEqual([false, ''])
        hides(stderr, secret.slice(0, -1))
      }
    }
  })
})
