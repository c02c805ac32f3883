import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {NodeListCommand} from '../../cli/commands/node-list-command.ts'
import {ROUTE_COLUMN_IDS, shownNodeColumns} from '../../render/columns/nodes.ts'
import {listNodes} from '../../usecases/nodes/list-nodes.ts'

export default class NodesList extends NodeListCommand<typeof NodesList> {
  static override summary = 'List nodes'
  static override examples = [
    '<%= config.bin %> nodes list',
    '<%= config.bin %> nodes list --user default --online',
    '<%= config.bin %> nodes list --offline-for 30d --not-tag tag:server',
    '<%= config.bin %> nodes list -o json',
    '<%= config.bin %> nodes list -o wide --relative',
    '<%= config.bin %> nodes list --columns id,name,ip --sort -last-seen',
    '<%= config.bin %> nodes list --columns name,os,version --sort version',
    '<%= config.bin %> nodes list -o csv > nodes.csv',
    "<%= config.bin %> nodes list -o 'jsonpath=$[?@.online == false].id'",
  ]
  static override flags = {
    ...nodeSelectorFlags,
    tags: Flags.boolean({char: 't', description: 'show tags'}),
  }

  protected override nodes(api: ControlApi) {
    return listNodes(api, {
      selector: nodeSelectorOf(this.flags),
      routes: this.needs(...ROUTE_COLUMN_IDS),
      now: this.io.now(),
    })
  }

  protected override shown() {
    return shownNodeColumns({tags: this.flags.tags})
  }
}
