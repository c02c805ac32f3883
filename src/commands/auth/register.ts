import {requiredTextFlag, requiredUserFlag} from '../../cli/flags.ts'
import {RegisterCommand} from '../../cli/commands/register-command.ts'

export default class AuthRegister extends RegisterCommand<typeof AuthRegister> {
  static override summary = 'Admit a client that waits for registration'
  static override description = 'The same as nodes register, in the words of headscale 0.29; it works on every release.'
  static override examples = ['<%= config.bin %> auth register --user default --auth-id hskey-authreq-…']
  static override flags = {
    user: requiredUserFlag({description: 'who the node will belong to, by name or id'}),
    'auth-id': requiredTextFlag({description: 'registration key, URL or line', helpValue: 'ID'}),
  }

  protected override get pasted() {
    return this.flags['auth-id']
  }
}
