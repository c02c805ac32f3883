import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeBase} from '../../cli/commands/node-change.ts'
import {targetsArg, textFlag} from '../../cli/flags.ts'
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
    "<%= config.bin %> nodes rename --name 'web-*' --to 'old-{name}'",
  ]
  static override flags = {
    ...nodeSelectorFlags,
    to: textFlag({
      description: 'new name, in which {name}, {host} and {id} stand for those of the node',
      helpValue: 'TEMPLATE',
    }),
  }
  static override args = {
    newname: targetsArg({
      description: 'the words NODE and NEWNAME, or NODE=NEWNAME',
      completes: 'node',
      completesOne: true,
    }),
  }

  protected override readonly verb = 'rename'
  #newName: string | null = null
  readonly #newNames = new Set<string>()

  /** A node whose new name is an argument of its own, or pairs `NODE=NEWNAME`. */
  protected override get named(): readonly string[] {
    const {newname: words = []} = this.args as {newname?: string[]}
    const {identifier, to} = this.flags
    if (to !== undefined) return identifier === undefined ? words : [identifier, ...words]
    if (identifier !== undefined) {
      if (words.length !== 1) throw usageError('expected one new name', `usage: headscale-ts ${NodesRename.usage}`)
      this.#newName = words[0]!
      return [identifier]
    }
    if (words.length !== 2 || words.some((word) => word.includes('=') || word === '-')) return words
    this.#newName = words[1]!
    return [words[0]!]
  }

  protected override async resolve(api: ControlApi, word: string, options: {alone: boolean}): Promise<Renaming> {
    if (this.flags.to !== undefined) return this.targetOf(await this.resolveNode(api, word, options))
    if (this.#newName !== null) return {node: await this.resolveNode(api, word, options), newName: this.#newName}
    const [, ref, newName] = word.match(/^(.+?)(?:\s*=\s*|\s+)([^=\s]+)$/s) ?? []
    if (ref === undefined || newName === undefined) {
      throw usageError(`no new name for node "${word}"`, 'write NODE=NEWNAME, for example web-1=gateway')
    }
    return {node: await this.resolveNode(api, ref, options), newName}
  }

  /** The new name that the template of `--to` gives. */
  protected override targetOf(node: Node): Renaming {
    const values: Record<string, string> = {name: node.givenName ?? node.hostName, host: node.hostName, id: node.id}
    const newName = this.flags.to!.replace(/\{(\w+)\}/g, (whole, word: string) => values[word] ?? whole)
    return {node, newName}
  }

  protected override checkFlags(): void {
    const {to} = this.flags
    const unknown = to?.match(/\{(?!(?:name|host|id)\})[^}]*\}?/)
    if (unknown) throw usageError(`unknown placeholder ${unknown[0]} in --to`, 'use {name}, {host} or {id}')
    if (to === undefined && this.selects)
      throw usageError('no new name for the selected nodes', "add --to, for example: --to 'old-{name}'")
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
