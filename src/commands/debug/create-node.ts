import type {ControlApi, PendingNode, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {listFlag, requiredTextFlag, requiredUserFlag, textFlag} from '../../cli/flags.ts'
import {registerLine} from '../../cli/output/register-line.ts'
import {checkRegistrationKey} from '../../domain/values/registration-key.ts'
import type {PendingNodeDocument} from '../../render/document/schemas.ts'
import {planDebugNode} from '../../usecases/nodes/create-debug-node.ts'
import {nodeHeading} from '../../render/columns/headings.ts'

export default class DebugCreateNode extends ChangeCommand<typeof DebugCreateNode, PendingNode> {
  static override summary = 'Create a fake pending node'
  static override description =
    'The fake node waits for registration like a real one. It never comes online, and it lacks what only a real ' +
    'client sends: a node key up to headscale 0.22, routes from 0.29 on.'
  static override examples = [
    '<%= config.bin %> debug create-node --name laptop --user default',
    '<%= config.bin %> debug create-node --name router -n default --route 192.168.100.0/24',
  ]
  static override flags = {
    name: requiredTextFlag({description: 'hostname of the node', helpValue: 'NAME'}),
    user: requiredUserFlag({description: 'user recorded for the node, by name or ID'}),
    key: textFlag({char: 'k', description: 'registration key (default: a random key)', helpValue: 'KEY'}),
    route: listFlag({char: 'r', description: 'routes the node advertises', helpValue: 'CIDR'}),
  }

  protected override runParsed(): Promise<void> {
    if (this.flags.key !== undefined) checkRegistrationKey(this.flags.key)
    return super.runParsed()
  }

  protected override plan(api: ControlApi) {
    const {name, user, key, route} = this.flags
    return planDebugNode(api, {name, user, rawKey: key ?? null, routes: route ?? []})
  }

  protected override view(node: PendingNode, {capabilities}: ServerFacts) {
    const word = nodeHeading(capabilities.nodeWord)
    return `${word} created\n${registerLine(node)}\n`
  }

  protected override document(node: PendingNode): PendingNodeDocument {
    return {
      name: node.name,
      user: node.user.name,
      registrationKey: node.registrationKey,
      routes: node.routes,
      registerCommand: registerLine(node),
    }
  }
}
