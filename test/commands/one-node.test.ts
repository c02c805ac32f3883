/** Looking up one node: which calls are made, and how a reply with another node is handled. */
import {describe, expect, test} from 'vitest'
import {createControlApi} from '../../src/api/dialects/index.ts'
import {RELEASE_GROUPS} from '../../src/api/releases.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import {resolveNode} from '../../src/usecases/nodes/resolve-node.ts'

const USER = {id: '1', name: 'default'}
const NODE = {id: '7', name: 'laptop', givenName: 'laptop', user: USER, namespace: USER, registerMethod: 'constructor'}

describe.for([...RELEASE_GROUPS])('headscale $id', (group) => {
  const calls: string[] = []
  const transport: Transport = {
    async call(operation) {
      calls.push(operation)
      return {node: NODE, machine: NODE, nodes: [NODE], machines: [NODE]}
    },
    close() {},
  }
  const api = createControlApi(transport, group, {via: 'a fake', version: null, now: () => new Date(0)})
  const word = group.capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'

  test.for([
    ['7', [`Get${word}`]],
    ['id:7', [`Get${word}`]],
    ['laptop', [`List${word}s`]],
    ['name:laptop', [`List${word}s`]],
  ] as const)('%s takes one call', async ([ref, operations]) => {
    calls.length = 0
    const node = await resolveNode(api, ref, {alone: true})
    expect([node.id, node.registerMethod, calls]).toEqual(['7', null, operations])
  })

  test.for(['0', '8', '007', '99999999999999999999'])('does not find %s, for any answer of the server', async (ref) => {
    await expect(resolveNode(api, ref, {alone: true})).rejects.toMatchObject({code: 'not-found'})
  })
})
