/** The state of a prefix, from what its nodes advertise and have approved. */
import {expect, test} from 'vitest'
import type {Node} from '../../src/domain/node.ts'
import type {Route} from '../../src/domain/route.ts'
import {checkRoutes} from '../../src/domain/route-check.ts'

const node = (id: string, online: boolean) => ({id, hostName: `n${id}`, givenName: null, online}) as Node
const [UP, DOWN, OTHER] = [node('1', true), node('2', false), node('3', true)]

/** @param facts `a` advertised, `e` enabled, `p` primary; `?` where the server does not report the last */
function route(of: Node, facts: string, prefix = '10.0.0.0/24'): Route {
  const serving = facts.includes('?') ? null : facts.includes('p')
  return {id: null, node: of, prefix, available: facts.includes('a'), approved: facts.includes('e'), serving}
}

const states = (...routes: Route[]) =>
  checkRoutes(routes, [UP, DOWN, OTHER]).map(
    ({prefix, state, candidates}) => `${prefix} ${state} ${candidates.map(({node: {id}}) => id).join(',')}`,
  )

test.for([
  ['served by the node that is online', [route(UP, 'aep'), route(DOWN, 'ae')], 'ok'],
  ['served by nobody that the server knows of', [route(UP, 'ae?'), route(DOWN, 'ae?')], 'ok'],
  ['its primary is offline, and another node can take over', [route(UP, 'ae'), route(DOWN, 'aep')], 'no-primary'],
  ['its only node is offline, and still primary', [route(DOWN, 'aep')], 'no-server'],
  ['approved for a node that does not advertise it', [route(UP, 'e')], 'no-server'],
  ['approved for a node that is offline; another waits for approval', [route(DOWN, 'ae'), route(UP, 'a')], 'no-server'],
  ['waits for approval', [route(UP, 'a'), route(DOWN, 'a')], 'pending'],
] as const)('a prefix that is %s', ([, routes, state]) => {
  expect(states(...routes)).toEqual([`10.0.0.0/24 ${state} ${routes.map((one) => one.node!.id).join(',')}`])
})

test('checks an exit route for each node, without a primary', () => {
  expect(states(route(UP, 'ae', '0.0.0.0/0'), route(DOWN, 'aep', '0.0.0.0/0'), route(OTHER, 'a', '0.0.0.0/0'))).toEqual(
    ['0.0.0.0/0 ok 1', '0.0.0.0/0 no-server 2', '0.0.0.0/0 pending 3'],
  )
})

test('takes spellings of a prefix together, and leaves out what is neither advertised nor approved', () => {
  expect(
    states(route(UP, 'aep', '10.0.0.7/24'), route(OTHER, 'ae'), route(DOWN, ''), route(UP, '', '10.9.0.0/24')),
  ).toEqual(['10.0.0.0/24 ok 1,3'])
})

test('leaves out routes of nodes that were removed', () => {
  expect(states({...route(UP, 'ae'), node: null}, route(node('9', true), 'ae'))).toEqual([])
})
