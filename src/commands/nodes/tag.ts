import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {listFlag} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {planTags} from '../../usecases/nodes/set-tags.ts'

export default class NodesTag extends NodeChangeCommand<typeof NodesTag> {
  static override summary = 'Replace the tags of a node'
  static override description = 'Tags that are not listed are removed.'
  static override examples = [
    '<%= config.bin %> nodes tag -i 6 -t tag:router,tag:prod',
    '<%= config.bin %> nodes tag -i 6 --clear',
    "<%= config.bin %> nodes tag --name 'web-*' -t tag:web",
  ]
  static override args = nodeTargets
  static override flags = {
    ...nodeSelectorFlags,
    tags: listFlag({char: 't', description: 'tags to set, comma-separated', helpValue: 'TAG'}),
    clear: Flags.boolean({description: 'remove all tags (headscale up to 0.27)'}),
  }

  protected override readonly verb = 'tag'

  protected override get needsListedNode() {
    return true
  }

  protected override planTarget(api: ControlApi, node: Node) {
    const {tags = [], clear} = this.flags
    // A flag that is not set is undefined, although its type is boolean.
    if (Boolean(clear) === tags.length > 0) {
      throw usageError(
        clear ? 'use either -t or --clear' : 'no tags given: use -t or --clear',
        'for example: nodes tag -i 6 -t tag:router',
      )
    }
    return planTags(api, node, [...new Set(tags.map(checkTag))])
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'updated')
  }
}
