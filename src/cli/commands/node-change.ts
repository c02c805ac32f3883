/** What the commands that change one node share: the node is found first, the answer is the node as it is then. */
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import type {Command} from '@oclif/core/command'
import type {Node} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'
import {ChangeCommand} from './base-command.ts'

export abstract class NodeChangeCommand<C extends typeof Command> extends ChangeCommand<C, Node> {
  /** The change itself. @returns the node afterwards */
  protected abstract change(api: ControlApi, node: Node): Promise<Node>

  protected get target(): string {
    return (this.flags as {identifier?: string}).identifier!
  }

  protected override async perform(api: ControlApi) {
    const node = await this.change(api, await resolveNode(api, this.target))
    return this.forMachines ? refetchNode(api, node) : node
  }

  protected override document(node: Node): unknown {
    return nodeDocument(node)
  }

  /** `Machine renamed` up to 0.22, `Node renamed` after. */
  protected sentence({capabilities}: ServerFacts, what: string): string {
    return `${capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'} ${what}\n`
  }
}
