import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import type {Node} from '../../domain/node.ts'
import {nodeColumns} from '../../render/columns/nodes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {listNodes} from '../../usecases/nodes/list-nodes.ts'

export default class NodesList extends ListCommand<typeof NodesList, Node> {
  static override summary = 'List nodes'
  static override examples = [
    '<%= config.bin %> nodes list',
    '<%= config.bin %> nodes list --user default --online',
    '<%= config.bin %> nodes list --offline-for 30d --not-tag tag:server',
    '<%= config.bin %> nodes list -o json',
  ]
  static override flags = {
    ...nodeSelectorFlags,
    tags: Flags.boolean({char: 't', description: 'show tags'}),
  }

  protected override fetch(api: ControlApi) {
    return listNodes(api, {selector: nodeSelectorOf(this.flags), routes: this.machineOutput, now: this.io.now()})
  }

  protected override columns({capabilities: {ownerWord}}: ServerFacts) {
    return nodeColumns({ownerWord, now: this.io.now(), tags: this.flags.tags})
  }

  protected override item(node: Node) {
    return nodeDocument(node)
  }
}
