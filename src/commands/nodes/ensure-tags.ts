import type {ControlApi} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {listFlag} from '../../cli/flags.ts'
import {doneText} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {planEnsureTags} from '../../usecases/nodes/ensure-tags.ts'

export default class NodesEnsureTags extends NodeChangeCommand<typeof NodesEnsureTags> {
  static override summary = 'Set the tags of nodes unless they have them'
  static override description =
    'The nodes then have exactly these tags, and those that their clients request. A node that has them already is not ' +
    'changed; the output says which.'
  static override examples = [
    '<%= config.bin %> nodes ensure-tags router -t tag:router',
    '<%= config.bin %> nodes ensure-tags web-1 web-2 -t tag:web,tag:prod --force',
  ]
  static override args = nodeTargets
  static override flags = {
    ...nodeSelectorFlags,
    tags: listFlag({
      char: 't',
      description: 'tags that the nodes must have, comma-separated',
      helpValue: 'TAG',
      completes: 'tag',
    }),
  }

  protected override readonly verb = 'tag'
  protected override readonly reportsUnchanged = true

  /** What was done to each node, by id. */
  #sentences = new Map<string, string>()

  protected override get needsListedNode() {
    return true
  }

  protected override checkFlags() {
    if (this.flags.tags === undefined) throw usageError('no tags given: use -t', 'for example: -t tag:router')
  }

  protected override async planTarget(api: ControlApi, node: Node) {
    const plan = await planEnsureTags(api, node, [...new Set((this.flags.tags ?? []).map(checkTag))])
    const [change] = plan.changes
    this.#sentences.set(node.id, change ? doneText(change) : `unchanged ${this.describe(node)}`)
    return plan
  }

  protected override view({id}: Node) {
    return `${this.#sentences.get(id)}\n`
  }

  /** The document has the same fields as that of every other command, so what happened is a note. */
  protected override document(node: Node) {
    this.note(this.#sentences.get(node.id)!)
    return super.document(node)
  }
}
