import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {listFlag, requiredNodeFlag} from '../../cli/flags.ts'
import {NodeChangeCommand} from '../../cli/commands/node-change.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {checkTag} from '../../domain/tag.ts'
import {usageError} from '../../errors.ts'

export default class NodesTag extends NodeChangeCommand<typeof NodesTag> {
  static override summary = 'Replace the tags of a node'
  static override description = 'Tags that are not listed are removed.'
  static override examples = [
    '<%= config.bin %> nodes tag -i 6 -t tag:router,tag:prod',
    '<%= config.bin %> nodes tag -i 6 --clear',
  ]
  static override flags = {
    identifier: requiredNodeFlag({description: 'node to change, by ID or name'}),
    tags: listFlag({char: 't', description: 'tags to set, comma-separated', helpValue: 'TAG'}),
    clear: Flags.boolean({description: 'remove all tags (headscale up to 0.27)'}),
  }

  protected override async change(api: ControlApi, node: Node) {
    const tags = this.tags()
    if (api.server.capabilities.tagsArePermanent && node.user && tags.length > 0 && node.tags.length === 0) {
      this.note(
        `${nodeName(node)} leaves its user ${node.user.name} for good: on this server a tagged node belongs to its tags`,
      )
    }
    return api.nodes.setTags(node, tags)
  }

  protected override intent() {
    return `set the tags of node "${this.target}" to: ${this.tags().join(', ') || 'none'}`
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'updated')
  }

  private tags(): string[] {
    const {tags = [], clear} = this.flags
    // A flag that was not given is undefined, whatever its type says.
    if (Boolean(clear) === tags.length > 0)
      throw usageError('give tags or --clear', 'as in: nodes tag -i 6 -t tag:router')
    return tags.map(checkTag)
  }
}
