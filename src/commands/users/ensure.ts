import type {ControlApi} from '../../api/control-api.ts'
import {EnsureCommand} from '../../cli/commands/ensure-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {userDocument} from '../../render/document/user.ts'
import {planEnsureUser} from '../../usecases/users/ensure-user.ts'

export default class UsersEnsure extends EnsureCommand<typeof UsersEnsure, User> {
  static override summary = 'Create a user unless it exists'
  static override description =
    'Exit code 0 in both cases; the output says which. A user that exists with another display name, email address or ' +
    'picture is an error, since headscale cannot change these.'
  static override examples = [
    '<%= config.bin %> users ensure ci',
    '<%= config.bin %> users ensure alice --display-name "Alice" --email alice@example.com',
  ]
  static override args = {name: requiredArg({description: 'name of the user'})}
  static override flags = {
    'display-name': textFlag({char: 'd', description: 'display name (headscale 0.24+)', helpValue: 'NAME'}),
    email: textFlag({char: 'e', description: 'email address (headscale 0.24+)', helpValue: 'ADDRESS'}),
    'picture-url': textFlag({char: 'p', description: 'URL of a profile picture (headscale 0.24+)', helpValue: 'URL'}),
  }

  protected override plan(api: ControlApi) {
    const {email, 'display-name': displayName, 'picture-url': pictureUrl} = this.flags
    return planEnsureUser(api, {name: this.args.name, displayName, email, pictureUrl})
  }

  protected override describe(user: User) {
    return `user ${describeUser(user)}`
  }

  protected override objectDocument(user: User) {
    return userDocument(user)
  }
}
