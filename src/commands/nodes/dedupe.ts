import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {PruneNodesCommand} from '../../cli/commands/prune-nodes-command.ts'
import {type DuplicateNode, planDedupe, selectDuplicateNodes} from '../../usecases/nodes/dedupe-nodes.ts'

export default class NodesDedupe extends PruneNodesCommand<typeof NodesDedupe, DuplicateNode> {
  static override summary = 'Delete duplicate nodes of one machine'
  static override description =
    'Of the nodes that have the same machine key and owner, keeps the newest: the one that is online, otherwise the one ' +
    'that was seen last. It gets its name back without the suffix that headscale added. Machines with more than one node ' +
    'online are left alone. Selectors narrow which of the duplicates are deleted.'
  static override examples = [
    '<%= config.bin %> nodes dedupe --dry-run',
    '<%= config.bin %> nodes dedupe --by-name --user anna --offline-for 7d',
  ]
  static override flags = {
    ...nodeSelectorFlags,
    'by-name': Flags.boolean({
      description: 'nodes with the same host name and owner are duplicates too, such as those of a reinstalled machine',
    }),
    'across-users': Flags.boolean({description: 'nodes with the same machine key are duplicates whoever owns them'}),
    'allow-loss': Flags.boolean({
      description: 'delete nodes whose tags or approved routes the node that is kept does not have',
    }),
    'keep-names': Flags.boolean({description: 'do not rename the nodes that are kept'}),
  }

  protected override readonly noun = {one: 'duplicate node', many: 'duplicate nodes'}

  protected override async select(api: ControlApi) {
    const flags = this.flags
    const {found, warnings} = await selectDuplicateNodes(api, nodeSelectorOf(flags), this.io.now(), {
      byName: Boolean(flags['by-name']),
      acrossUsers: Boolean(flags['across-users']),
      allowLoss: Boolean(flags['allow-loss']),
      keepNames: Boolean(flags['keep-names']),
    })
    for (const warning of warnings) this.warn(warning)
    return found
  }

  protected override async planTarget(api: ControlApi, duplicate: DuplicateNode) {
    return planDedupe(api, duplicate)
  }
}
