import {requiredTextFlag, requiredUserFlag} from '../../cli/flags.ts'
import {RegisterCommand} from '../../cli/commands/register-command.ts'

export default class NodesRegister extends RegisterCommand<typeof NodesRegister> {
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

  protected override get pasted() {
    return this.flags.key
  }
}
