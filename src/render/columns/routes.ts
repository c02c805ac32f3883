/** Columns of route lists. */
import {type Node, nodeName} from '../../domain/node.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import type {Route} from '../../domain/route.ts'
import type {Column} from '../table.ts'

/** `Route | Enabled`: the routes of one node, as documented. */
export const nodeRouteColumns: readonly Column<Route>[] = [
  {header: 'Route', cell: (route) => route.prefix},
  {header: 'Enabled', cell: (route) => String(route.approved), tone: (route) => (route.approved ? 'good' : 'bad')},
]

/** All routes. @param ids whether routes have ids on the server; their column comes first then */
export function routeColumns({ids}: {ids: boolean}): readonly Column<Route>[] {
  const columns: Column<Route>[] = [
    {header: 'Node ID', cell: (route) => route.node?.id ?? '-'},
    {header: 'Node', cell: (route) => (route.node ? nodeName(route.node) : '-')},
    {header: 'Prefix', cell: (route) => route.prefix},
    {header: 'Advertised', cell: (route) => String(route.available)},
    {header: 'Enabled', cell: (route) => String(route.approved)},
    // Clients choose among the nodes that serve an exit route, so no node is its primary.
    {
      header: 'Primary',
      cell: (route) => (route.serving === null || isExitRoute(route.prefix) ? '-' : String(route.serving)),
    },
  ]
  return ids ? [{header: 'ID', cell: (route) => route.id ?? ''}, ...columns] : columns
}

/** `nodes list-routes`: one line per node that has routes. */
export const nodesWithRoutesColumns: readonly Column<Node>[] = [
  {header: 'ID', cell: (node) => node.id},
  {header: 'Hostname', cell: nodeName},
  {header: 'Approved', cell: (node) => node.routes?.approved.join(', ') ?? ''},
  {header: 'Available', cell: (node) => node.routes?.available.join(', ') ?? ''},
  {header: 'Serving (Primary)', cell: (node) => node.routes?.serving?.join(', ') ?? ''},
]
