import type {ControlApi} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'

/** The nodes with their routes, which need another call where a release does not list them with nodes (up to 0.25). */
export async function withRoutes(api: ControlApi, nodes: readonly Node[]): Promise<Node[]> {
  if (api.server.capabilities.routesOnNodes || nodes.length === 0) return [...nodes]
  const routes = Map.groupBy(await api.routes.list(nodes), ({node}) => node?.id)
  return nodes.map((node) => {
    const own = routes.get(node.id) ?? []
    const prefixes = (kept: typeof own) => kept.map(({prefix}) => prefix)
    const serving =
      api.server.capabilities.routes === 'machine-sets' ? null : prefixes(own.filter((route) => route.serving))
    return {
      ...node,
      routes: {
        available: prefixes(own.filter(({available}) => available)),
        approved: prefixes(own.filter(({approved}) => approved)),
        serving,
      },
    }
  })
}
