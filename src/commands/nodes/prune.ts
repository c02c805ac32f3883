import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorOf, pruneNodeSelectorFlags} from '../../cli/args/selectors.ts'
import {PruneNodesCommand} from '../../cli/commands/prune-nodes-command.ts'
import {becauseOf, nodeChange} from '../../domain/change.ts'
import {usageError} from '../../errors.ts'
import {deleteOfflineNode} from '../../usecases/nodes/delete-node.ts'
import {type PrunableNode, selectPrunableNodes} from '../../usecases/nodes/prune-nodes.ts'

export default class NodesPrune extends PruneNodesCommand<typeof NodesPrune, PrunableNode> {
  static override summary = 'Delete nodes that have been offline for a long time'
  static override description =
    'Deletes nodes that have been offline for 90 days, and ephemeral nodes that have been offline for a day. A node that ' +
    'was never online counts from its registration. Tagged nodes and nodes with approved routes stay, unless a flag ' +
    'includes them; online nodes always stay. Other selectors narrow the choice.'
  static override examples = [
    '<%= config.bin %> nodes prune --dry-run',
    '<%= config.bin %> nodes prune --offline-for 180d --user anna',
    "<%= config.bin %> nodes prune --offline-for 30d --name 'ci-*' --include-tagged --max 50 --force",
  ]
  static override flags = {
    ...pruneNodeSelectorFlags,
    'include-tagged': Flags.boolean({description: 'delete tagged nodes too'}),
    'include-routers': Flags.boolean({description: 'delete nodes with approved routes too'}),
  }

  protected override readonly noun = {one: 'node', many: 'nodes'}

  protected override checkFlags(): void {
    const {tag, 'include-tagged': includeTagged} = this.flags
    if (tag && !includeTagged) throw usageError('--tag selects tagged nodes, which stay', 'add --include-tagged')
  }

  protected override async select(api: ControlApi) {
    const {'include-tagged': includeTagged, 'include-routers': includeRouters} = this.flags
    const {found, tagged, withRoutes} = await selectPrunableNodes(
      api,
      nodeSelectorOf(this.flags) ?? [],
      this.io.now(),
      // A flag that is not set is undefined, although its type is boolean.
      {includeTagged: Boolean(includeTagged), includeRouters: Boolean(includeRouters)},
    )
    this.leftAlone(tagged, {one: 'tagged node', many: 'tagged nodes'}, '--include-tagged')
    const routers = {one: 'node with approved routes', many: 'nodes with approved routes'}
    this.leftAlone(withRoutes, routers, '--include-routers')
    return found
  }

  protected override async planTarget(api: ControlApi, {node, reason}: PrunableNode) {
    return {
      changes: [becauseOf(reason, nodeChange(node, {action: 'delete'}))],
      apply: () => deleteOfflineNode(api, node),
    }
  }
}
