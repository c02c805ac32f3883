/** What `nodes register` and `auth register` share: all but the name of the flag with the key. */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {registerNode} from '../../usecases/nodes/register-node.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'
import {ChangeCommand} from './base-command.ts'

export abstract class RegisterCommand<C extends typeof Command> extends ChangeCommand<C, Node> {
  /** The key in whatever form it was pasted. */
  protected abstract get pasted(): string

  protected override async perform(api: ControlApi) {
    const node = await registerNode(api, {user: this.user, pasted: this.pasted})
    return this.forMachines ? refetchNode(api, node) : node
  }

  protected override intent() {
    return `register the client for "${this.user}"`
  }

  protected override view(node: Node, {capabilities}: ServerFacts) {
    if (!capabilities.namesRegisteredNode) return 'Machine register\n'
    return `${capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'} ${nodeName(node)} registered\n`
  }

  protected override document(node: Node): unknown {
    return nodeDocument(node)
  }

  private get user(): string {
    return (this.flags as {user: string}).user
  }
}
