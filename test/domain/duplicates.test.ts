/** Duplicate nodes of one machine: who belongs together, who is kept, and which names have a suffix. */
import {describe, expect, test} from 'vitest'
import {type DuplicateRules, findDuplicates, nameWithoutSuffix} from '../../src/domain/duplicates.ts'
import type {Node} from '../../src/domain/node.ts'
import type {User} from '../../src/domain/user.ts'

const NEITHER: DuplicateRules = {byName: false, acrossUsers: false}
const anna = {id: '1', name: 'anna'} as User
const ben = {id: '2', name: 'ben'} as User

function node(id: string, facts: Partial<Node> = {}): Node {
  return {
    id,
    hostName: 'nas',
    givenName: 'nas',
    machineKey: `mkey:${id.padStart(64, '0')}`,
    user: anna,
    tags: [],
    online: false,
    lastSeen: null,
    createdAt: new Date(2026, 0, 1),
    ...facts,
  } as Node
}

/** The ids of each group, the kept one first. */
const groups = (nodes: Node[], rules: DuplicateRules = NEITHER) =>
  findDuplicates(nodes, rules).map(({kept, others}) => [kept.id, ...others.map(({id}) => id)])

describe('nodes of one machine', () => {
  test('have the same machine key and owner', () => {
    const nodes = [
      node('1', {machineKey: 'mkey:a'}),
      node('2', {machineKey: 'mkey:b'}),
      node('3', {machineKey: 'mkey:a', hostName: 'other'}),
      node('4', {machineKey: 'mkey:a', user: ben}),
    ]
    expect(groups(nodes)).toEqual([['3', '1']])
    expect(groups(nodes, {byName: false, acrossUsers: true})).toEqual([['4', '3', '1']])
  })

  test('have the same host name and owner, where the machine key is missing', () => {
    const nodes = [node('1', {machineKey: null}), node('2', {machineKey: null, hostName: 'NAS'}), node('3')]
    expect(groups(nodes)).toEqual([['2', '1']])
  })

  test('are found by name on request, and joined with those of the same machine key', () => {
    const nodes = [
      node('1', {hostName: 'old-nas', machineKey: 'mkey:a'}),
      node('2', {hostName: 'nas', machineKey: 'mkey:b'}),
      node('3', {hostName: 'nas', machineKey: 'mkey:a'}),
      node('4', {hostName: 'nas', user: ben}),
      node('5', {hostName: ''}),
      node('6', {hostName: ''}),
    ]
    expect(groups(nodes, {byName: true, acrossUsers: false})).toEqual([['3', '2', '1']])
  })

  test('without a user have the same tags', () => {
    const tagged = (id: string, tags: string[]) => node(id, {machineKey: 'mkey:a', user: null, tags})
    const nodes = [tagged('1', ['tag:a', 'tag:b']), tagged('2', ['tag:b', 'tag:a']), tagged('3', ['tag:a'])]
    expect(groups(nodes)).toEqual([['2', '1']])
  })
})

describe('the node that is kept', () => {
  const same = {machineKey: 'mkey:a'}
  const day = (n: number) => new Date(2026, 1, n)

  test('is the one that is online', () => {
    const nodes = [node('1', {...same, online: true, lastSeen: day(1)}), node('2', {...same, lastSeen: day(9)})]
    expect(groups(nodes)).toEqual([['1', '2']])
  })

  test('is otherwise the one that was seen last, or registered if it was never seen', () => {
    const nodes = [
      node('1', {...same, lastSeen: day(2)}),
      node('2', {...same, lastSeen: day(1)}),
      node('3', {...same, createdAt: day(3)}),
    ]
    expect(groups(nodes)).toEqual([['3', '1', '2']])
  })

  test('has the highest number if nothing else decides', () => {
    expect(groups([node('10', same), node('9', same), node('2', same)])).toEqual([['10', '9', '2']])
  })
})

test('counts the nodes that are online', () => {
  const online = {machineKey: 'mkey:a', online: true}
  expect(findDuplicates([node('1', online), node('2', online)], NEITHER)[0]!.online).toBe(2)
})

test.each([
  ['nas', 'nas-1', true, 'nas'],
  ['nas', 'nas-1', false, null],
  ['nas', 'nas-x1y2z3a4', false, 'nas'],
  ['nas', 'nas-x1y2z3a4', true, 'nas'],
  ["Anna's NAS", 'annasnas-x1y2z3a4', false, 'annasnas'],
  ["Anna's NAS", 'anna-s-nas-12', true, 'anna-s-nas'],
  ['nas-1', 'nas-1', true, null],
  ['build-12345678', 'build-12345678', false, null],
  ['nas', 'gateway-x1y2z3a4', false, null],
  ['nas', 'nas', true, null],
])('host name %s, given name %s, numbered %s: the name without suffix is %s', (hostName, givenName, numbered, name) => {
  expect(nameWithoutSuffix({...node('1'), hostName, givenName}, {numbered})).toBe(name)
})
