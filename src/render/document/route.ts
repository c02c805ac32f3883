/** The published JSON of a route and of its check: one shape on all releases. */
import type {Route} from '../../domain/route.ts'
import type {RouteCheck} from '../../domain/route-check.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import type {RouteCheckDocument, RouteDocument} from './schemas.ts'

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

export function routeCheckDocument({prefix, state, candidates}: RouteCheck): RouteCheckDocument {
  const exitRoute = isExitRoute(prefix)
  return {
    prefix,
    exitRoute,
    status: state,
    nodes: candidates.map(({node, online, available, approved, serving}) => ({
      id: node.id,
      name: node.hostName,
      givenName: node.givenName,
      online,
      advertised: available,
      enabled: approved,
      isPrimary: exitRoute ? null : serving,
    })),
  }
}
