import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {confirmationFlags, requiredNodeFlag} from '../../cli/flags.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {usageError} from '../../errors.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {planApproval} from '../../usecases/routes/approve-routes.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'

export default class NodesApproveRoutes extends ChangeCommand<typeof NodesApproveRoutes, Node> {
  static override summary = 'Replace the approved routes of a node'
  static override description =
    'Approved routes that are not listed lose their approval; -r "" removes all of them. To change single routes, use ' +
    '"routes enable" and "routes disable".'
  static override examples = [
    '<%= config.bin %> nodes approve-routes -i 6 -r 192.168.100.0/24,10.0.0.0/8',
    '<%= config.bin %> nodes approve-routes -i 6 -r ""',
  ]
  static override flags = {
    ...confirmationFlags,
    identifier: requiredNodeFlag({description: 'node to change, by ID or name'}),
    routes: Flags.string({
      char: 'r',
      description: 'prefixes to approve, comma-separated; "" for none',
      helpValue: 'CIDR',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
    'allow-unadvertised': Flags.boolean({
      description: 'accept prefixes that the node does not advertise (headscale 0.26+)',
    }),
  }

  protected override async perform(api: ControlApi) {
    const {routes} = this.flags
    const none = routes.length === 1 && routes[0] === ''
    if (!none && routes.includes('')) throw usageError('one of the routes is empty', 'alone, -r "" approves none')
    const node = await resolveNode(api, this.flags.identifier)
    const plan = await planApproval(api, node, {
      prefixes: none ? [] : routes,
      allowUnadvertised: this.flags['allow-unadvertised'] === true,
    })
    if (plan.removed.length > 0) {
      const loss = `${nodeName(node)} loses ${plan.removed.join(', ')}`
      if (this.io.canAsk) await this.confirm('Do you want to remove these routes?', [loss])
      else this.note(`${loss}`)
    }
    await plan.apply()
    return refetchNode(api, node)
  }

  protected override intent() {
    return `set the approved routes of node "${this.flags.identifier}" to: ${this.flags.routes.join(', ') || 'none'}`
  }

  protected override view(_node: Node, {capabilities}: ServerFacts) {
    return capabilities.nodeWord === 'machine' ? 'Machine updated\n' : 'Node updated\n'
  }

  protected override document(node: Node) {
    return nodeDocument(node)
  }
}
