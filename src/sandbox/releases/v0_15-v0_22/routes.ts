/**
 * Routes of 0.18 to 0.22: rows with ids. The machine in a row has no owner, as on the servers.
 * Behaviour: hscontrol/routes.go and machine.go enableRoutes at v0.22.3.
 */
import type {Node, RouteRow, Tailnet} from '../../tailnet.ts'
import {id, type Handlers} from '../shared/release-simulator.ts'
import {rowHandlers, rowMessage, selectPrimariesWhenDue, type RowRules} from '../shared/route-rows.ts'
import {findMachine} from './machines.ts'
import {isOnline, machineMessage} from './messages.ts'
import type {ReleaseFacts} from './release-facts.ts'

export function routeRowHandlers(release: ReleaseFacts): Handlers {
  const rules: RowRules = {
    pairsExitRoutes: release.pairsExitRoutes,
    unavailableMessage: 'route is not available on machine',
    selectsPeriodically: true,
    isOnline,
  }
  const {enable, disable, destroy} = rowHandlers(rules)
  const reply = (tailnet: Tailnet, rows: RouteRow[]) => {
    selectPrimariesWhenDue(tailnet, rules)
    const machine = (row: RouteRow) => machineMessage(tailnet, release, tailnet.node(row.nodeId) as Node, 'nothing')
    return {routes: rows.map((row) => rowMessage(row, 'machine', machine(row)))}
  }
  return {
    GetRoutes: (tailnet) => reply(tailnet, tailnet.routes),

    GetMachineRoutes: (tailnet, request) => {
      const node = findMachine(tailnet, id(request, 'machineId'))
      return reply(
        tailnet,
        tailnet.routes.filter(({nodeId}) => nodeId === node.id),
      )
    },

    EnableRoute: enable,
    DisableRoute: disable,
    ...(release.deletesRoutes && {DeleteRoute: destroy}),
  }
}
