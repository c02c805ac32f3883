/** The base of commands that change nodes: they find the nodes first, and print them after the change. */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {describeNode, type Node} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {nodeHeading} from '../../render/columns/headings.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {refetchNodes} from '../../usecases/nodes/refetch-node.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {selectNodes} from '../../usecases/nodes/select-nodes.ts'
import {nodeSelectorOf} from '../args/selectors.ts'
import {nodeFlag, targetsArg} from '../flags.ts'
import {TargetsCommand, targetsCommandFlags} from './targets-command.ts'

const nodeChangeFlags = {
  ...targetsCommandFlags,
  identifier: nodeFlag({description: 'node to change, by ID or name'}),
}

/** The NODE arguments of a command that changes nodes. */
export const nodeTargets = {node: targetsArg({description: 'nodes to change, by ID or name', completes: 'node'})}

/** For commands whose targets are more than a node, such as a node and its new name. */
export abstract class NodeChangeBase<C extends typeof Command, Target> extends TargetsCommand<
  C,
  Target,
  Node,
  typeof nodeChangeFlags
> {
  static override baseFlags: typeof nodeChangeFlags = nodeChangeFlags

  protected override readonly noun = {one: 'node', many: 'nodes'}

  /** Whether the node still exists after the change. */
  protected get nodeRemains(): boolean {
    return true
  }

  /** Whether the plan needs the node as lists show it, with the tags its client requests. */
  protected get needsListedNode(): boolean {
    return false
  }

  protected abstract nodeOf(target: Target): Node
  /** The target for a node that a selector found. */
  protected abstract targetOf(node: Node): Target

  /** The selector of the flags; null without one. */
  protected get selector(): NodeSelector<string> | null {
    return nodeSelectorOf(this.flags)
  }

  protected override get selects(): boolean {
    return this.selector !== null
  }

  protected override async select(api: ControlApi): Promise<Target[]> {
    const nodes = await selectNodes(api, this.selector ?? [], this.io.now())
    return nodes.map((node) => this.targetOf(node))
  }

  protected resolveNode(api: ControlApi, word: string, {alone}: {alone: boolean}): Promise<Node> {
    return resolveNode(api, word, {alone: alone && !this.needsListedNode})
  }

  protected override idOf(target: Target): string {
    return this.nodeOf(target).id
  }

  protected override describe(target: Target): string {
    return `node ${describeNode(this.nodeOf(target))}`
  }

  protected override async complete(api: ControlApi, nodes: readonly Node[]): Promise<Node[]> {
    return this.machineOutput && this.nodeRemains ? refetchNodes(api, nodes) : [...nodes]
  }

  protected override document(node: Node): unknown {
    return nodeDocument(node)
  }

  /** `Machine renamed` up to 0.22, `Node renamed` since 0.23. */
  protected sentence({capabilities}: ServerFacts, what: string): string {
    return `${nodeHeading(capabilities.nodeWord)} ${what}\n`
  }
}

export abstract class NodeChangeCommand<C extends typeof Command> extends NodeChangeBase<C, Node> {
  protected override get named(): readonly string[] {
    const {node = []} = this.args as {node?: string[]}
    const {identifier} = this.flags
    return identifier === undefined ? node : [identifier, ...node]
  }

  protected override resolve(api: ControlApi, word: string, options: {alone: boolean}): Promise<Node> {
    return this.resolveNode(api, word, options)
  }

  protected override nodeOf(node: Node): Node {
    return node
  }

  protected override targetOf(node: Node): Node {
    return node
  }
}
