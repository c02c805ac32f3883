/** Columns of route lists. */
import {nodeName} from '../../domain/node.ts'
import type {Route} from '../../domain/route.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import type {Column} from '../table.ts'
import type {ListColumn, ListSpec, Shown} from './column.ts'

/** The prefix, of a route or of what is checked about it. */
export const PREFIX_COLUMN: ListColumn<{prefix: string}> = {
  id: 'prefix',
  aliases: ['route'],
  header: 'Prefix',
  description: 'address prefix, such as 192.168.100.0/24',
  value: ({prefix}) => prefix,
  addresses: true,
  narrow: {cut: true},
}

export const ROUTES: ListSpec<Route> = {
  name: ({prefix}) => prefix,
  id: ({id}) => id,
  columns: [
    {
      id: 'id',
      header: 'ID',
      description: 'ID of the route (headscale 0.18 to 0.25)',
      value: ({id}) => id,
    },
    {
      id: 'node-id',
      header: 'Node ID',
      description: 'ID of the node',
      value: ({node}) => node && node.id,
      narrow: {leaveOut: 2},
    },
    {
      id: 'node',
      aliases: ['given-name'],
      header: 'Node',
      description: 'name of the node',
      value: ({node}) => node && nodeName(node),
      narrow: {cut: true},
    },
    PREFIX_COLUMN,
    {
      id: 'advertised',
      aliases: ['available'],
      header: 'Advertised',
      description: 'whether the node advertises it: true or false',
      value: ({available}) => available,
      narrow: {leaveOut: 1},
    },
    {
      id: 'enabled',
      aliases: ['approved'],
      header: 'Enabled',
      description: 'whether it is approved: true or false',
      value: ({approved}) => approved,
      tone: ({approved}) => (approved ? 'good' : 'bad'),
    },
    {
      id: 'is-primary',
      aliases: ['primary', 'serving'],
      header: 'Primary',
      description: 'whether the node serves it now: true or false (headscale 0.18 or later)',
      value: ({serving}) => serving,
      // Clients choose among the nodes that serve an exit route, so no node is its primary.
      text: ({prefix, serving}) => (serving === null || isExitRoute(prefix) ? '-' : String(serving)),
    },
  ],
}

/** The columns of all routes. @param ids whether routes have ids on the server; their column comes first then */
export function shownRoutes({ids}: {ids: boolean}): Shown[] {
  return [...(ids ? ['id'] : []), 'node-id', 'node', 'prefix', 'advertised', 'enabled', 'is-primary']
}

/** `Route | Enabled`: the routes of one node, as documented. */
export const SHOWN_ROUTES_OF_NODE: readonly Shown[] = [{id: 'prefix', header: 'Route'}, 'enabled']

/** The same as a table for changes, in colour. */
export const nodeRouteColumns: readonly Column<Route>[] = [
  {header: 'Route', cell: (route) => route.prefix},
  {header: 'Enabled', cell: (route) => String(route.approved), tone: (route) => (route.approved ? 'good' : 'bad')},
]
