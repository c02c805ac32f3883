/** The published JSON of a route: one shape on all releases. */
import type {Route} from '../../domain/route.ts'

export interface RouteDocument {
  /** Null where routes have no ids (all but 0.18–0.25). */
  id: string | null
  node: {id: string; name: string; givenName: string | null}
  prefix: string
  advertised: boolean
  enabled: boolean
  /** Null up to 0.17, where the server does not say. */
  isPrimary: boolean | null
}

export function routeDocument({id, node, prefix, available, approved, serving}: Route): RouteDocument {
  return {
    id,
    node: {id: node.id, name: node.hostName, givenName: node.givenName},
    prefix,
    advertised: available,
    enabled: approved,
    isPrimary: serving,
  }
}
