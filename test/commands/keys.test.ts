/**
 * Keys in scripts, and the request for a new key: the expiration is in every request, for every release group, since a
 * server that receives none creates a key that has already expired.
 */
import {describe, expect, test} from 'vitest'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {OPERATIONS} from '../../src/api/operations.ts'
import {RELEASE_GROUPS} from '../../src/api/releases.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import {runHere, runScript, withPrograms} from '../support/program.ts'
import {startTestSandbox, type Via} from '../support/servers.ts'

const WAYS = withPrograms(
  (['socket', 'REST'] as Via[]).flatMap((via) => ['0.15', '0.29'].map((release) => ({via, release}))),
)

test.for(WAYS)('KEY=$(…) by the $program at sandbox $release over $via', async ({program, via, release}) => {
  const {env, close} = await startTestSandbox({release, via, seed: {users: [{name: 'default'}]}})
  try {
    const script = `
      KEY=$(headscale-ts preauthkeys create -u default) && API=$(headscale-ts apikeys create -y) || exit
      printf '<%s>\\n<%s>\\n' "$KEY" "$API"
      headscale-ts preauthkeys expire -- "$KEY"
      headscale-ts apikeys expire --prefix "$API"`
    const {status, stdout, stderr} = await runScript(program, script, {env})
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      release === '0.15'
        ? /^<[0-9a-f]{48}>\n<[\w-]{10}\.[\w-]{43}=?>\nKey expired\nKey expired\n$/
        : /^<hskey-auth-[\w-]{12}-[\w-]{64}>\n<hskey-api-[\w-]{12}-[\w-]{64}>\nKey expired\nKey expired\n$/,
    )
  } finally {
    await close()
  }
})

describe.for([...RELEASE_GROUPS])('headscale $id', (group) => {
  test('receives the expiration of every new key', async () => {
    const sent: Record<string, unknown>[] = []
    const key = {id: '1', key: 'k'.repeat(48), user: {id: '7', name: 'default'}, namespace: 'default'}
    const transport: Transport = {
      async call(operation, request) {
        if (!OPERATIONS[operation].reads) sent.push(request)
        return {preAuthKey: key, apiKey: 'abc.def', users: [user]}
      },
      close() {},
    }
    const api = createControlApi(transport, group, {via: 'a fake', version: null, now: () => new Date(0)})
    const expiration = new Date('2030-01-01T00:00:00Z')
    const user = {id: '7', name: 'default'} as Parameters<typeof api.preAuthKeys.create>[0]['user']
    await api.preAuthKeys.create({user, reusable: false, ephemeral: false, expiration, tags: []})
    await api.apiKeys.create(expiration)
    expect(sent.map((request) => request.expiration)).toEqual(['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'])
  })
})

describe('keys with the same prefix', () => {
  const triplets = [
    {user: 'default', key: `aaaa1111${'0'.repeat(40)}`},
    {user: 'spare', key: `aaaa2222${'0'.repeat(40)}`},
    {user: 'default', key: `aaaa3333${'0'.repeat(40)}`},
  ]

  test('are an error that lists them by prefix, and a longer prefix selects one', async () => {
    const {env, close} = await startTestSandbox({seed: {preAuthKeys: triplets}})
    try {
      expect(await runHere(['preauthkeys', 'expire', 'aaaa'], {env})).toEqual({
        status: 5,
        stdout: '',
        stderr:
          'error: this matches several pre-auth keys: aaaa11110000*** (id 1), aaaa22220000*** (id 2), aaaa33330000*** (id 3)\nhint: specify one by id: --id N\n',
      })
      for (const wanted of [['aaaa1'], ['aaaa', '-u', 'spare'], ['aaaa33330000***']]) {
        expect(await runHere(['preauthkeys', 'expire', ...wanted], {env})).toMatchObject({
          status: 0,
          stdout: 'Key expired\n',
        })
      }
    } finally {
      await close()
    }
  })

  test('rejects a key prefix that is too short', async () => {
    const {env, close} = await startTestSandbox({seed: {preAuthKeys: triplets.slice(0, 1)}})
    try {
      for (const text of ['a', 'aaa', '***', 'aa***']) {
        expect(await runHere(['preauthkeys', 'expire', text], {env})).toMatchObject({status: 2, stdout: ''})
        expect(await runHere(['apikeys', 'expire', text], {env})).toMatchObject({status: 2, stdout: ''})
      }
    } finally {
      await close()
    }
  })
})

test.for(['apikeys', 'preauthkeys'])('%s expire names each id that does not exist', async (topic) => {
  const {env, close} = await startTestSandbox({release: '0.29'})
  const what = topic === 'apikeys' ? 'API key' : 'pre-auth key'
  const {status, stderr} = await runHere([topic, 'expire', '98', '99', '--force'], {env})
  expect([status, stderr]).toEqual([
    3,
    `failed: ${what} 98 not found\nfailed: ${what} 99 not found\n` +
      `error: no ${what} was changed: 2 failed\nhint: see: headscale-ts ${topic} list\n`,
  ])
  await close()
})
