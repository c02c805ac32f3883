import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {updateOptions} from '../../cli/commands/route-lock.ts'
import {confirmationFlags, requiredNodeFlag} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {usageError} from '../../errors.ts'
import {nodeHeading} from '../../render/columns/headings.ts'
import {nodeDocument} from '../../render/document/node.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {planApproval} from '../../usecases/routes/change-routes.ts'

export default class NodesApproveRoutes extends ChangeCommand<typeof NodesApproveRoutes, Node> {
  static override summary = 'Replace the approved routes of a node'
  static override description =
    'Approved routes that are not listed lose their approval; -r "" removes all of them, after a confirmation. To ' +
    'change single routes, use "routes enable" and "routes disable".'
  static override examples = [
    '<%= config.bin %> nodes approve-routes -i 6 -r 192.168.100.0/24,10.0.0.0/8',
    '<%= config.bin %> nodes approve-routes -i 6 -r "" --force',
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

  protected override async plan(api: ControlApi): Promise<ChangePlan<Node>> {
    const {routes, identifier} = this.flags
    const none = routes.length === 1 && routes[0] === ''
    if (!none && routes.includes('')) throw usageError('one of the routes is empty', 'to approve none, use -r "" alone')
    const node = await resolveNode(api, identifier)
    const plan = await planApproval(
      api,
      node,
      {prefixes: none ? [] : routes, allowUnadvertised: this.flags['allow-unadvertised']},
      updateOptions(api, this.io),
    )
    return {
      ...plan,
      apply: async () => {
        await plan.apply()
        return refetchNode(api, node)
      },
    }
  }

  protected override view(_node: Node, {capabilities}: ServerFacts) {
    return `${nodeHeading(capabilities.nodeWord)} updated\n`
  }

  protected override document(node: Node) {
    return nodeDocument(node)
  }
}
