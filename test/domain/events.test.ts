/** Two lists of nodes, and the events between them. */
import {describe, expect, test} from 'vitest'
import {describeEvent, type NodeEvent, nodeEvents} from '../../src/domain/events.ts'
import type {Node} from '../../src/domain/node.ts'

const BEFORE = new Date('2026-01-01T00:00:00Z')
const AFTER = new Date('2026-01-01T00:00:05Z')

function node(changed: Partial<Node> = {}): Node {
  const name = null
  return {
    id: '1',
    hostName: 'router',
    givenName: 'router',
    machineKey: name,
    nodeKey: name,
    discoKey: name,
    ipAddresses: ['100.64.0.1'],
    user: user('2', 'ops'),
    lastSeen: null,
    expiry: null,
    createdAt: new Date('2025-01-01T00:00:00Z'),
    registerMethod: null,
    preAuthKey: null,
    tags: [],
    requestedTags: [],
    routes: {available: ['10.0.0.0/24'], approved: [], serving: []},
    online: true,
    client: null,
    ...changed,
  }
}

function user(id: string, name: string): Node['user'] {
  return {
    id,
    name,
    displayName: null,
    email: null,
    provider: null,
    providerId: null,
    profilePictureUrl: null,
    createdAt: null,
  }
}

const between = (before: Node[], after: Node[]) => nodeEvents({nodes: before, at: BEFORE}, {nodes: after, at: AFTER})
const short = ({type, node: {id}, route, before, after}: NodeEvent) => [type, id, route, before, after]

test('equal lists have no events, in whatever order values are listed', () => {
  const one = node({tags: ['tag:a', 'tag:b'], ipAddresses: ['100.64.0.1', 'fd7a::1']})
  const other = node({tags: ['tag:b', 'tag:a'], ipAddresses: ['fd7a::1', '100.64.0.1'], lastSeen: AFTER})
  expect(between([one], [other])).toEqual([])
  expect(between([], [])).toEqual([])
})

test('nodes join and leave', () => {
  const events = between([node(), node({id: '3'})], [node({id: '3'}), node({id: '4'}), node({id: '5'})])
  expect(events.map(short)).toEqual([
    ['left', '1', null, null, null],
    ['joined', '4', null, null, null],
    ['joined', '5', null, null, null],
  ])
})

test('a node with the id of a deleted one is another node', () => {
  const events = between([node()], [node({createdAt: AFTER, hostName: 'laptop'})])
  expect(events.map(({type, node: {hostName}}) => [type, hostName])).toEqual([
    ['left', 'router'],
    ['joined', 'laptop'],
  ])
})

describe('one changed value is one event', () => {
  test.for([
    ['online', {online: false}, {online: true}, [null, null, null]],
    ['offline', {online: true}, {online: false}, [null, null, null]],
    ['expired', {expiry: new Date('2026-06-01')}, {expiry: BEFORE}, [null, null, null]],
    [
      'expired',
      {expiry: new Date('2026-01-01T00:00:03Z')},
      {expiry: new Date('2026-01-01T00:00:03Z')},
      [null, null, null],
    ],
    ['renewed', {expiry: BEFORE}, {expiry: null}, [null, null, null]],
    ['renamed', {givenName: 'old'}, {givenName: 'new'}, [null, 'old', 'new']],
    ['renamed', {givenName: null, hostName: 'old'}, {givenName: null, hostName: 'new'}, [null, 'old', 'new']],
    ['moved', {}, {user: user('3', 'ci')}, [null, 'ops', 'ci']],
    ['moved', {}, {user: null}, [null, 'ops', null]],
    ['tagged', {tags: ['tag:a']}, {tags: ['tag:a', 'tag:b']}, [null, ['tag:a'], ['tag:a', 'tag:b']]],
    ['address-changed', {}, {ipAddresses: ['100.64.0.9']}, [null, ['100.64.0.1'], ['100.64.0.9']]],
  ] as const)('%s', ([type, was, is, values]) => {
    const events = between([node(was as Partial<Node>)], [node(is as Partial<Node>)])
    expect(events.map(short)).toEqual([[type, '1', ...values]])
  })

  test('an expiry that is only moved is no event', () => {
    expect(between([node({expiry: new Date('2026-06-01')})], [node({expiry: new Date('2026-09-01')})])).toEqual([])
  })
})

describe('routes', () => {
  const routes = (available: string[], approved: string[] = [], serving: string[] | null = []) =>
    node({routes: {available, approved, serving}})

  test('one event for each prefix and fact', () => {
    const was = routes(['10.0.0.0/24', '10.1.0.0/24'], ['10.1.0.0/24'], ['10.1.0.0/24'])
    const is = routes(['10.0.0.0/24', '10.2.0.0/24'], ['10.0.0.0/24'], ['10.0.0.0/24'])
    expect(between([was], [is]).map(({type, route}) => `${type} ${route}`)).toEqual([
      'route-advertised 10.2.0.0/24',
      'route-withdrawn 10.1.0.0/24',
      'route-approved 10.0.0.0/24',
      'route-unapproved 10.1.0.0/24',
      'route-serving 10.0.0.0/24',
      'route-standby 10.1.0.0/24',
    ])
  })

  test('another spelling, or another order, is the same route', () => {
    expect(between([routes(['10.0.0.7/24', '::/0'])], [routes(['0:0::/0', '10.0.0.0/24'])])).toEqual([])
  })

  test('routes that the server did not report are not compared', () => {
    expect(between([node({routes: null})], [routes(['10.0.0.0/24'])])).toEqual([])
    expect(between([routes([], [], null)], [routes([], [], ['10.0.0.0/24'])])).toEqual([])
  })
})

test('an event in one line', () => {
  const lines = between(
    [node({givenName: 'old', tags: ['tag:a']})],
    [node({user: null, tags: [], routes: {available: [], approved: [], serving: []}, online: false})],
  ).map(describeEvent)
  expect(lines).toEqual([
    'router (id 1, 100.64.0.1, offline)',
    'router (id 1, 100.64.0.1, offline): old → router',
    'router (id 1, 100.64.0.1, offline): ops → none',
    'router (id 1, 100.64.0.1, offline): tag:a → none',
    'router (id 1, 100.64.0.1, offline): 10.0.0.0/24',
  ])
})
