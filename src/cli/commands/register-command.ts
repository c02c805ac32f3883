/** The base of `nodes register` and `auth register`, which differ only in the flag with the key. */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {checkRegistrationKey} from '../../domain/values/registration-key.ts'
import {nodeDocument} from '../../render/document/node.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {refetchNode} from '../../usecases/nodes/refetch-node.ts'
import {planRegistration} from '../../usecases/nodes/register-node.ts'
import {requiredUserFlag} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'
import {nodeHeading} from '../../render/columns/headings.ts'

const registerFlags = {
  ...changeCommandFlags,
  user: requiredUserFlag({description: 'user that will own the node, by name or ID'}),
}

export abstract class RegisterCommand<C extends typeof Command> extends ChangeCommand<C, Node, typeof registerFlags> {
  static override baseFlags: typeof registerFlags = registerFlags

  /** The key from the command line: alone, as part of a URL, or in a command line. */
  protected abstract get rawKey(): string

  protected override runParsed(): Promise<void> {
    checkRegistrationKey(this.rawKey)
    return super.runParsed()
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Node>> {
    const plan = await planRegistration(api, {user: this.flags.user, rawKey: this.rawKey})
    return {
      ...plan,
      apply: async () => {
        const node = await plan.apply()
        return this.machineOutput ? refetchNode(api, node) : node
      },
    }
  }

  protected override view(node: Node, {capabilities}: ServerFacts) {
    if (!capabilities.namesRegisteredNode) return 'Machine register\n'
    return `${nodeHeading(capabilities.nodeWord)} ${nodeName(node)} registered\n`
  }

  protected override document(node: Node): unknown {
    return nodeDocument(node)
  }
}
