import {requiredTextFlag} from '../../cli/flags.ts'
import {RegisterCommand} from '../../cli/commands/register-command.ts'

export default class AuthRegister extends RegisterCommand<typeof AuthRegister> {
  static override summary = 'Register a pending node'
  static override description =
    'Same as "nodes register", under the name headscale 0.29 introduced. Works on every release.'
  static override examples = ['<%= config.bin %> auth register --user default --auth-id hskey-authreq-…']
  static override flags = {
    'auth-id': requiredTextFlag({
      description: 'registration key, or the URL or command line that contains it',
      helpValue: 'ID',
    }),
  }

  protected override get rawKey() {
    return this.flags['auth-id']
  }
}
