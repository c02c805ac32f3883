import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {NodeChangeBase} from '../../cli/commands/node-change.ts'
import {targetsArg} from '../../cli/flags.ts'
import {usageLine} from '../../cli/help/usage.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {planRenameNode} from '../../usecases/nodes/rename-node.ts'

interface Renaming {
  node: Node
  newName: string
}

export default class NodesRename extends NodeChangeBase<typeof NodesRename, Renaming> {
  static override summary = 'Rename a node'
  static override description =
    'Sets the name shown in lists and used in MagicDNS. The hostname that the client reports does not change. Several ' +
    'nodes are renamed as NODE=NEWNAME, or by lines of standard input.'
  static override usage = 'nodes rename (NODE NEWNAME | -i NODE NEWNAME | NODE=NEWNAME...) [flags]'
  static override examples = [
    '<%= config.bin %> nodes rename -i 6 router',
    '<%= config.bin %> nodes rename web-1 gateway',
    '<%= config.bin %> nodes rename web-1=gateway web-2=backup',
  ]
  static override args = {newname: targetsArg({description: 'node and new name'})}

  protected override readonly verb = 'rename'
  #newName: string | null = null
  readonly #newNames = new Set<string>()

  /** A node whose new name is an argument of its own, or pairs `NODE=NEWNAME`. */
  protected override get named(): readonly string[] {
    const {newname: words = []} = this.args as {newname?: string[]}
    const {identifier} = this.flags
    if (identifier !== undefined) {
      if (words.length !== 1) throw usageError('expected one new name', `usage: ${usageLine('nodes:rename')}`)
      this.#newName = words[0]!
      return [identifier]
    }
    if (words.length !== 2 || words.some((word) => word.includes('=') || word === '-')) return words
    this.#newName = words[1]!
    return [words[0]!]
  }

  protected override async resolve(api: ControlApi, word: string, options: {alone: boolean}): Promise<Renaming> {
    if (this.#newName !== null) return {node: await this.resolveNode(api, word, options), newName: this.#newName}
    const [, ref, newName] = word.match(/^(.+?)(?:\s*=\s*|\s+)([^=\s]+)$/s) ?? []
    if (ref === undefined || newName === undefined) {
      throw usageError(`no new name for node "${word}"`, 'write NODE=NEWNAME, for example web-1=gateway')
    }
    return {node: await this.resolveNode(api, ref, options), newName}
  }

  protected override nodeOf({node}: Renaming): Node {
    return node
  }

  protected override async planTarget(api: ControlApi, {node, newName}: Renaming) {
    if (api.server.capabilities.givenNamesAreUnique && this.#newNames.has(newName)) {
      throw new HeadscaleError('already-exists', `another node of this run gets the name ${newName}`, {
        hint: `choose another name for ${describeNode(node)}`,
      })
    }
    this.#newNames.add(newName)
    return planRenameNode(api, node, newName)
  }

  protected override view(_node: Node, server: ServerFacts) {
    return this.sentence(server, 'renamed')
  }
}
