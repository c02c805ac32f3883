/** Routes with ids, 0.18 to 0.25: which calls act on both exit routes, which route is primary, the node in a row. */
import {afterEach, describe, expect, test} from 'vitest'
import type {SeedData} from '../../src/sandbox/index.ts'
import {rest, sandbox, type Fields, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box.close())

const NODES: SeedData = {
  nodes: [
    {name: 'gate', user: 'default', routes: ['10.0.0.0/24', '0.0.0.0/0', '::/0']},
    {name: 'spare', user: 'default', routes: ['10.0.0.0/24', '::/0']},
    {name: 'away', user: 'default', online: false, routes: ['10.0.0.0/24']},
  ],
}

/** The ids of enabled routes, with a star after primary ones. */
async function enabled(): Promise<string> {
  const {routes} = (await box.ok('GetRoutes')) as {routes: Fields[]}
  const marked = routes.filter((row) => row.enabled || row.isPrimary)
  return marked.map((row) => `${row.id}${row.isPrimary ? '*' : ''}`).join(' ')
}

describe('exit routes', () => {
  test.each([
    ['0.18', '2', '', '1*'],
    ['0.19', '2', '', '1*'],
    ['0.20', '2 3', '3', '1* 3'],
    ['0.21', '2 3', '3', '1* 3'],
    ['0.22', '2 3', '', '1*'],
    ['0.23', '2 3', '', '1*'],
    ['0.25', '2 3', '', '1*'],
  ])('%s', async (release, afterEnabling, afterDisabling, atLast) => {
    box = await sandbox({release, seed: NODES})
    await box.ok('EnableRoute', {routeId: '2'})
    expect(await enabled()).toBe(afterEnabling)
    await box.ok('DisableRoute', {routeId: '2'})
    expect(await enabled()).toBe(afterDisabling)
    await box.ok('EnableRoute', {routeId: '1'})
    expect(await enabled()).toBe(atLast)
  })

  test('one exit route alone cannot be enabled since 0.20', async () => {
    box = await sandbox({release: '0.20', seed: NODES})
    expect(await box.call('EnableRoute', {routeId: '5'})).toEqual({
      code: 2,
      message: 'route (spare) is not available on node 0.0.0.0/0: route is not available on machine',
      reply: null,
    })
  })

  test('deleting one deletes both on 0.22, only that one on 0.21', async () => {
    for (const [release, left] of [
      ['0.21', ['1', '3', '4', '5', '6']],
      ['0.22', ['1', '4', '5', '6']],
    ] as const) {
      box = await sandbox({release, seed: NODES})
      await box.ok('DeleteRoute', {routeId: '2'})
      const {routes} = (await box.ok('GetRoutes')) as {routes: Fields[]}
      expect(routes.map(({id}) => id)).toEqual(left)
      if (release === '0.21') await box.close()
    }
  })
})

describe('primary routes up to 0.22', () => {
  test('the first enabled route is primary, and the next one after it is disabled', async () => {
    box = await sandbox({release: '0.22', seed: NODES})
    for (const routeId of ['4', '1']) await box.ok('EnableRoute', {routeId})
    expect(await enabled()).toBe('1 4*')
    await box.ok('DisableRoute', {routeId: '4'})
    expect(await enabled()).toBe('1*')
  })

  test('the server replaces the primary route of an offline node some seconds later', async () => {
    box = await sandbox({release: '0.22', seed: NODES})
    for (const routeId of ['6', '1']) await box.ok('EnableRoute', {routeId})
    expect(await enabled()).toBe('1 6*')
    box.pass(5000)
    expect(await enabled()).toBe('1* 6')
  })

  test('enabling a primary route again makes it not primary for some seconds', async () => {
    box = await sandbox({release: '0.22', seed: NODES})
    for (const routeId of ['1', '4', '1']) await box.ok('EnableRoute', {routeId})
    expect(await enabled()).toBe('1 4')
    box.pass(5000)
    expect(await enabled()).toBe('1* 4')
  })
})

test('a full row of 0.22, whose machine has no owner', async () => {
  box = await sandbox({release: '0.22', seed: NODES})
  await box.ok('EnableRoute', {routeId: '6'})
  const {text} = await rest(box, 'GET /api/v1/machine/3/routes')
  await expect(JSON.stringify(JSON.parse(text), null, 1)).toMatchFileSnapshot('golden/route-0.22.json')
})

test('routes over gRPC', async () => {
  box = await sandbox({release: '0.22', seed: NODES})
  const {routes} = (await box.ok('GetMachineRoutes', {machineId: '3'})) as {routes: Fields[]}
  expect(routes).toMatchObject([{id: '6', node: {givenName: 'away', user: {id: '0', name: ''}}, prefix: '10.0.0.0/24'}])
})

test('an unknown route is an error', async () => {
  box = await sandbox({release: '0.21', seed: NODES})
  for (const operation of ['EnableRoute', 'DisableRoute', 'DeleteRoute'] as const) {
    for (const routeId of ['0', '9']) {
      expect(await box.call(operation, {routeId})).toEqual({code: 2, message: 'record not found', reply: null})
    }
  }
  expect((await box.call('GetMachineRoutes', {machineId: '9'})).message).toBe('record not found')
})

test('deleting a machine deletes its routes', async () => {
  box = await sandbox({release: '0.18', seed: NODES})
  await box.ok('DeleteMachine', {machineId: '1'})
  const {routes} = (await box.ok('GetRoutes')) as {routes: Fields[]}
  expect(routes.map(({id}) => id)).toEqual(['4', '5', '6'])
})
