/** The base of commands that change one node: they find the node first, and print it after the change. */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import type {Node} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'
import {resolveNode} from '../../usecases/nodes/resolve-node.ts'
import {requiredNodeFlag} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'
import {nodeHeading} from '../../render/columns/headings.ts'

const nodeChangeFlags = {
  ...changeCommandFlags,
  identifier: requiredNodeFlag({description: 'node to change, by ID or name'}),
}

export abstract class NodeChangeCommand<C extends typeof Command> extends ChangeCommand<
  C,
  Node,
  typeof nodeChangeFlags
> {
  static override baseFlags: typeof nodeChangeFlags = nodeChangeFlags

  /** Whether the node still exists after the change. */
  protected get nodeRemains(): boolean {
    return true
  }

  /** Whether the plan needs the node as lists show it, with the tags its client requests. */
  protected get needsListedNode(): boolean {
    return false
  }

  /** The plan for one node. Its `apply` returns the node from the server's reply. */
  protected abstract planNode(api: ControlApi, node: Node): Promise<ChangePlan<Node>>

  protected override async plan(api: ControlApi): Promise<ChangePlan<Node>> {
    const node = await resolveNode(api, this.flags.identifier, {alone: !this.needsListedNode})
    const plan = await this.planNode(api, node)
    return {
      ...plan,
      apply: async () => {
        const answered = await plan.apply()
        return this.machineOutput && this.nodeRemains ? refetchNode(api, answered) : answered
      },
    }
  }

  protected override document(node: Node): unknown {
    return nodeDocument(node)
  }

  /** `Machine renamed` up to 0.22, `Node renamed` since 0.23. */
  protected sentence({capabilities}: ServerFacts, what: string): string {
    return `${nodeHeading(capabilities.nodeWord)} ${what}\n`
  }
}
