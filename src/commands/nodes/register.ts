import {requiredTextFlag} from '../../cli/flags.ts'
import {RegisterCommand} from '../../cli/commands/register-command.ts'

export default class NodesRegister extends RegisterCommand<typeof NodesRegister> {
  static override summary = 'Register a pending node'
  static override description =
    'KEY is the registration key, the URL that the client printed, or the command line shown on the page at that URL.'
  static override examples = [
    '<%= config.bin %> nodes register --user default --key 905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846',
    '<%= config.bin %> nodes register --user default --key "https://headscale.example.com/register/hskey-authreq-…"',
  ]
  static override flags = {
    key: requiredTextFlag({
      char: 'k',
      description: 'registration key, or the URL or command line that contains it',
      helpValue: 'KEY',
    }),
  }

  protected override get rawKey() {
    return this.flags.key
  }
}
