/** The call that gives addresses to nodes, since 0.23. Behaviour: hscontrol/db/ip.go at v0.26.1 and v0.29.3. */
import {serverError} from '../../server-error.ts'
import {flag, type Handler} from './release-simulator.ts'

/** Gives addresses to nodes that have none. */
export const backfillNodeIps: Handler = (tailnet, request) => {
  if (!flag(request, 'confirmed')) throw serverError('not confirmed, aborting')
  const without = tailnet.nodes.filter((node) => node.addresses.length === 0)
  const changes = without.flatMap((node) => {
    const addresses = tailnet.nextAddresses()
    if (!addresses) throw serverError('failed to allocate IP')
    tailnet.giveAddresses(node, addresses)
    return addresses.map((address) => {
      const family = address.includes(':') ? 'IPv6' : 'IPv4'
      return `assigned ${family} ${JSON.stringify(address)} to Node(${node.id}) ${JSON.stringify(node.name)}`
    })
  })
  return {changes}
}
