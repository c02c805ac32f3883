import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {quoted} from '../../cli/args/quoted.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {listFlag} from '../../cli/flags.ts'
import type {Node} from '../../domain/node.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {planTagChange, planTags} from '../../usecases/nodes/set-tags.ts'

export default class NodesTag extends NodeChangeCommand<typeof NodesTag> {
  static override summary = 'Change the tags of a node'
  static override description =
    'Adds and removes tags, or replaces all of them with -t: tags that -t does not list are removed. From headscale 0.28 ' +
    'on, a node permanently leaves its user when it gets a tag.'
  static override examples = [
    '<%= config.bin %> nodes tag web-1 --add tag:prod --remove tag:test',
    '<%= config.bin %> nodes tag -i 6 -t tag:router,tag:prod',
    '<%= config.bin %> nodes tag -i 6 --clear',
    "<%= config.bin %> nodes tag --name 'web-*' --add tag:web",
  ]
  static override args = nodeTargets
  static override flags = {
    ...nodeSelectorFlags,
    add: listFlag({description: 'tags to add, comma-separated', helpValue: 'TAG', completes: 'tag'}),
    remove: listFlag({description: 'tags to remove, comma-separated', helpValue: 'TAG', completes: 'tag'}),
    tags: listFlag({
      char: 't',
      description: 'tags to set instead of all others, comma-separated',
      helpValue: 'TAG',
      completes: 'tag',
    }),
    clear: Flags.boolean({description: 'remove all tags (headscale up to 0.27)'}),
  }

  protected override readonly verb = 'tag'

  protected override get needsListedNode() {
    return true
  }

  /** Whether the node of the plan has the tags already. */
  #isUnchanged = false

  protected override checkFlags(): void {
    const {tags = [], clear, add = [], remove = []} = this.flags
    const ways = [tags.length > 0, Boolean(clear), add.length + remove.length > 0].filter(Boolean).length
    if (ways === 0) {
      const word = this.argv.find((given) => given.startsWith('tag:'))
      const hint = 'use --add or --remove, -t for all tags, or --clear'
      throw usageError('no tags given', word === undefined ? hint : `${quoted(word)} is read as a node: ${hint}`)
    }
    if (ways > 1) {
      const hint = '--add and --remove keep the other tags; -t replaces all tags; --clear removes all'
      throw usageError('use either --add and --remove, or -t, or --clear', hint)
    }
    const both = add.filter((tag) => remove.includes(tag))
    if (both.length > 0) throw usageError(`${both.join(', ')} is given to both --add and --remove`)
  }

  protected override async planTarget(api: ControlApi, node: Node) {
    const {tags = [], add = [], remove = []} = this.flags
    const plan =
      add.length + remove.length > 0
        ? await planTagChange(api, node, {add: uniqueTags(add), remove: uniqueTags(remove)})
        : await planTags(api, node, uniqueTags(tags))
    this.#isUnchanged = plan.changes.length === 0
    return plan
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, this.#isUnchanged ? 'not changed: it has these tags already' : 'updated')
  }
}

function uniqueTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map(checkTag))]
}
