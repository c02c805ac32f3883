/** One route of one node, as route lists show it. */
import type {Node} from './node.ts'

export interface Route {
  /** The server's own number of the route (0.18–0.25); null where routes have none. */
  id: string | null
  node: Pick<Node, 'id' | 'hostName' | 'givenName'>
  prefix: string
  /** The client offers it. False for one that was approved beforehand. */
  available: boolean
  approved: boolean
  /** Traffic goes through it; null up to 0.17, where the server does not say. */
  serving: boolean | null
}
