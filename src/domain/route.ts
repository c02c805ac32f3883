/** One route of one node, as route lists show it. */
import type {Node} from './node.ts'

export interface Route {
  /** The server's id of the route (0.18–0.25); null where routes have none. */
  id: string | null
  /** Null for a route that stayed in the server's database after its node was removed. */
  node: Pick<Node, 'id' | 'hostName' | 'givenName'> | null
  prefix: string
  /** The node advertises it. False for a route that was approved in advance. */
  available: boolean
  approved: boolean
  /** The node serves it now; null up to 0.17, where the server does not report it. */
  serving: boolean | null
}
