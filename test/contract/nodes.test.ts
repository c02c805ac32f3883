/** Nodes on every server: created by `debug create-node`, registered by key, and listed. */
import {describe, expect, test} from 'vitest'
import {useFixture} from '../support/fixture.ts'
import {SERVERS} from '../support/servers.ts'

interface NodeJson {
  id: string
  name: string
  givenName: string | null
  ipAddresses: string[]
  user: {id: string; name: string}
  online: boolean
  tags: string[]
  expiry: string | null
}

interface PendingJson {
  registrationKey: string
  registerCommand: string
}

const FIELDS = [
  'id',
  'machineKey',
  'nodeKey',
  'discoKey',
  'ipAddresses',
  'name',
  'givenName',
  'user',
  'lastSeen',
  'expiry',
  'preAuthKey',
  'createdAt',
  'registerMethod',
  'tags',
  'online',
  'approvedRoutes',
  'availableRoutes',
  'subnetRoutes',
  'os',
  'osVersion',
  'clientVersion',
  'endpoints',
]

describe.for(SERVERS)('nodes of $label', (spec) => {
  const server = useFixture(spec)
  const pending = (name: string, user: string) =>
    server.json<PendingJson>('debug', 'create-node', '--name', name, '--user', user)

  test('the list is empty at first', async () => {
    await server.run(['users', 'create', 'default'])
    await server.run(['users', 'create', 'bob'])
    expect(await server.json('nodes', 'list')).toEqual([])
  })

  test('a pending client is not listed', async () => {
    const {registrationKey, registerCommand} = await pending('laptop', 'default')
    expect(registerCommand).toBe(`headscale-ts -n default nodes register --key ${registrationKey}`)
    expect(await server.json('nodes', 'list')).toEqual([])
  })

  test('a registered node is printed and listed with every field', async () => {
    const {registrationKey} = await pending('coredns', 'default')
    const made = await server.json<NodeJson>('nodes', 'register', '--user', 'default', '--key', registrationKey)
    expect(Object.keys(made)).toEqual(FIELDS)
    const {givenNames} = server.api.server.capabilities
    expect(made).toMatchObject({
      id: '1',
      name: 'coredns',
      givenName: givenNames ? 'coredns' : null,
      ipAddresses: ['10.1.0.1'],
      user: {id: '1', name: 'default'},
      tags: [],
      expiry: null,
    })
    const [listed, ...others] = await server.json<NodeJson[]>('nodes', 'list')
    expect([listed!.id, listed!.name, listed!.user.name, listed!.online, others]).toEqual([
      '1',
      'coredns',
      'default',
      false,
      [],
    ])
    expect(Object.keys(listed!)).toEqual(FIELDS)
  })

  test('accepts the owner by id', async () => {
    const {registrationKey} = await pending('bobs', '2')
    const made = await server.json<NodeJson>('nodes', 'register', '--user', 'id:2', '--key', registrationKey)
    expect(made.user.name).toBe('bob')
  })

  test('--user lists only the nodes of one user', async () => {
    const names = async (...argv: string[]) =>
      (await server.json<NodeJson[]>('nodes', 'list', ...argv)).map(({name}) => name)
    expect([await names(), await names('--user', 'bob'), await names('-n', '1')]).toEqual([
      ['coredns', 'bobs'],
      ['bobs'],
      ['coredns'],
    ])
    expect(await server.error('nodes', 'list', '--user', 'nobody')).toMatchObject({code: 'not-found', exitCode: 3})
  })

  test('rejects a key without a pending client', async () => {
    const {registrationKey} = await pending('never', 'default')
    const other = registrationKey.replace(/.{4}$/, (end) => (end === 'abcd' ? 'dcba' : 'abcd'))
    const rejected = await server.error('nodes', 'register', '--user', 'default', '--key', other)
    expect(rejected).toMatchObject({code: 'not-found', exitCode: 3})
    expect(await server.api.nodes.list()).toHaveLength(2)
  })

  test('a key registers one node only', async ({skip}) => {
    if (server.api.server.capabilities.registrationIsReusable)
      skip('fake clients of this release have no key that identifies them')
    const {registrationKey} = await pending('once', 'default')
    await server.json('nodes', 'register', '--user', 'default', '--key', registrationKey)
    expect(await server.error('nodes', 'register', '--user', 'default', '--key', registrationKey)).toMatchObject({
      exitCode: 3,
    })
    expect(await server.api.nodes.list()).toHaveLength(3)
  })

  test('a dry run registers nothing, and the client remains pending', async () => {
    const before = (await server.api.nodes.list()).length
    const {registrationKey} = await pending('later', 'default')
    const line = ['nodes', 'register', '--user', 'default', '--key', registrationKey]
    expect(await server.run([...line, '--dry-run'])).toMatchObject({status: 0, stdout: ''})
    expect(await server.api.nodes.list()).toHaveLength(before)
    expect(await server.json<NodeJson>(...line)).toMatchObject({name: 'later'})
  })
})
