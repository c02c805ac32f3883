import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/base-command.ts'
import {requiredTextFlag, requiredUserFlag} from '../../cli/flags.ts'
import {type Node, nodeName} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {registerNode} from '../../usecases/register-node.ts'

export default class NodesRegister extends ChangeCommand<typeof NodesRegister, Node> {
  static override summary = 'Admit a client that waits for registration'
  static override description =
    'KEY is the key the client printed, the whole URL it printed, or the whole line from the page behind that URL.'
  static override examples = [
    '<%= config.bin %> -n default nodes register --key 905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846',
    '<%= config.bin %> nodes register --user default --key "https://headscale.example.com/register/hskey-authreq-…"',
  ]
  static override flags = {
    user: requiredUserFlag({description: 'who the node will belong to, by name or id'}),
    key: requiredTextFlag({char: 'k', description: 'registration key, URL or line', helpValue: 'KEY'}),
  }

  protected override perform(api: ControlApi) {
    return registerNode(api, {user: this.flags.user, pasted: this.flags.key})
  }

  protected override intent() {
    return `register the client for "${this.flags.user}"`
  }

  protected override view(node: Node, {capabilities}: ServerFacts) {
    if (!capabilities.namesRegisteredNode) return 'Machine register\n'
    return `${capabilities.nodeWord === 'machine' ? 'Machine' : 'Node'} ${nodeName(node)} registered\n`
  }

  protected override document(node: Node) {
    return nodeDocument(node)
  }
}
