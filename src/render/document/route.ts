/** The published JSON of a route: one shape on all releases. */
import type {Route} from '../../domain/route.ts'
import type {RouteDocument} from './schemas.ts'

export function routeDocument({id, node, prefix, available, approved, serving}: Route): RouteDocument {
  return {
    id,
    node: node && {id: node.id, name: node.hostName, givenName: node.givenName},
    prefix,
    advertised: available,
    enabled: approved,
    isPrimary: serving,
  }
}
