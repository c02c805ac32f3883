import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {updateOptions} from '../../cli/commands/route-lock.ts'
import {completing} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {usageError} from '../../errors.ts'
import {nodeHeading} from '../../render/columns/headings.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {planApproval} from '../../usecases/routes/change-routes.ts'

export default class NodesApproveRoutes extends NodeChangeCommand<typeof NodesApproveRoutes> {
  static override summary = 'Replace the approved routes of a node'
  static override description =
    'Approved routes that are not listed lose their approval; -r "" removes all of them, after a confirmation. To ' +
    'change single routes, use "routes enable" and "routes disable".'
  static override examples = [
    '<%= config.bin %> nodes approve-routes -i 6 -r 192.168.100.0/24,10.0.0.0/8',
    '<%= config.bin %> nodes approve-routes router-1 router-2 -r 10.0.0.0/8',
    '<%= config.bin %> nodes approve-routes -i 6 -r "" --force',
  ]
  static override args = nodeTargets
  static override flags = {
    ...nodeSelectorFlags,
    routes: completing(
      Flags.string({
        char: 'r',
        description: 'prefixes to approve, comma-separated; "" for none',
        helpValue: 'CIDR',
        required: true,
        multiple: true,
        multipleNonGreedy: true,
        delimiter: ',',
      }),
      'route',
    ),
    'allow-unadvertised': Flags.boolean({
      description: 'accept prefixes that the node does not advertise (headscale 0.26+)',
    }),
  }

  protected override readonly verb = 'set the approved routes of'

  protected override checkFlags(): void {
    const {routes} = this.flags
    const none = routes.length === 1 && routes[0] === ''
    if (!none && routes.includes('')) throw usageError('one of the routes is empty', 'to approve none, use -r "" alone')
  }

  protected override resolveNode(api: ControlApi, word: string): Promise<Node> {
    return resolveNode(api, word)
  }

  protected override async planTarget(api: ControlApi, node: Node): Promise<ChangePlan<Node>> {
    const {routes, 'allow-unadvertised': allowUnadvertised} = this.flags
    const prefixes = routes.filter((prefix) => prefix !== '')
    const plan = await planApproval(api, node, {prefixes, allowUnadvertised}, updateOptions(api, this.io))
    return {
      ...plan,
      apply: async () => {
        await plan.apply()
        return node
      },
    }
  }

  protected override view(_node: Node, {capabilities}: ServerFacts) {
    return `${nodeHeading(capabilities.nodeWord)} updated\n`
  }
}
