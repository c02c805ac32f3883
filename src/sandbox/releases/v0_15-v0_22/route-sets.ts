/**
 * Routes of 0.15 to 0.17: two lists per machine. Enabling replaces the enabled list, an empty one clears it, and only
 * what the machine advertises can be enabled. Behaviour: machine.go EnableRoutes at v0.17.1.
 */
import {parsePrefix} from '../../prefix.ts'
import {serverError} from '../../server-error.ts'
import type {Node} from '../../tailnet.ts'
import {id, list, type Handlers, type Message} from '../shared/release-simulator.ts'
import {findMachine} from './machines.ts'
import type {ReleaseFacts} from './release-facts.ts'

export function routeSetHandlers({prefixParser}: ReleaseFacts): Handlers {
  const reply = (node: Node): Message => ({routes: {advertisedRoutes: node.advertised, enabledRoutes: node.approved}})
  return {
    GetMachineRoute: (tailnet, request) => reply(findMachine(tailnet, id(request, 'machineId'))),

    EnableMachineRoutes: (tailnet, request) => {
      const node = findMachine(tailnet, id(request, 'machineId'))
      const wanted = list(request, 'routes').map((route) => parsePrefix(route, prefixParser))
      const unknown = wanted.find((route) => !node.advertised.includes(route))
      // the server swaps the two values
      if (unknown !== undefined) {
        throw serverError(`route (${node.name}) is not available on node ${unknown}: route is not available on machine`)
      }
      node.approved = wanted
      return reply(node)
    },
  }
}
