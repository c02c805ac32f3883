import type {ControlApi, PendingNode, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {listFlag, requiredTextFlag, requiredUserFlag, textFlag} from '../../cli/flags.ts'
import {registerLine} from '../../cli/register-line.ts'
import type {PendingNodeDocument} from '../../render/document/schemas.ts'
import {createDebugNode} from '../../usecases/nodes/create-debug-node.ts'

export default class DebugCreateNode extends ChangeCommand<typeof DebugCreateNode, PendingNode> {
  static override summary = 'Make a client that does not exist ask to join'
  static override description =
    'The made-up client waits for registration like a real one. It never comes online, and it lacks what only a real ' +
    'client sends: its node key up to headscale 0.22, its routes from 0.29 on.'
  static override examples = [
    '<%= config.bin %> debug create-node --name laptop --user default',
    '<%= config.bin %> debug create-node --name router -n default --route 192.168.100.0/24',
  ]
  static override flags = {
    name: requiredTextFlag({description: 'host name of the client', helpValue: 'NAME'}),
    user: requiredUserFlag({description: 'user the server notes for it, by name or id'}),
    key: textFlag({char: 'k', description: 'registration key; one is made up when not given', helpValue: 'KEY'}),
    route: listFlag({char: 'r', description: 'route the client advertises', helpValue: 'CIDR'}),
  }

  protected override perform(api: ControlApi) {
    const {name, user, key, route} = this.flags
    return createDebugNode(api, {name, user, pasted: key ?? null, routes: route ?? []})
  }

  protected override intent() {
    return `make the client "${this.flags.name}" wait for registration`
  }

  protected override view(node: PendingNode, {capabilities}: ServerFacts) {
    const word = capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'
    return `${word} created\n${registerLine(node)}\n`
  }

  protected override document(node: PendingNode): PendingNodeDocument {
    return {
      name: node.name,
      user: node.userName,
      registrationKey: node.registrationKey,
      routes: node.routes,
      registerCommand: registerLine(node),
    }
  }
}
