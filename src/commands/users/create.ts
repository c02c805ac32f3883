import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'
import type {User} from '../../domain/user.ts'
import {userDocument} from '../../render/document/user.ts'
import {planCreateUser} from '../../usecases/users/create-user.ts'

export default class UsersCreate extends ChangeCommand<typeof UsersCreate, User> {
  static override summary = 'Create a user'
  static override examples = [
    '<%= config.bin %> users create default',
    '<%= config.bin %> users create alice --display-name "Alice" --email alice@example.com',
  ]
  static override args = {name: requiredArg({description: 'name of the new user'})}
  static override flags = {
    'display-name': textFlag({char: 'd', description: 'display name (headscale 0.24+)', helpValue: 'NAME'}),
    email: textFlag({char: 'e', description: 'email address (headscale 0.24+)', helpValue: 'ADDRESS'}),
    'picture-url': textFlag({char: 'p', description: 'URL of a profile picture (headscale 0.24+)', helpValue: 'URL'}),
  }

  protected override plan(api: ControlApi) {
    const {email, 'display-name': displayName, 'picture-url': pictureUrl} = this.flags
    return planCreateUser(api, {name: this.args.name, displayName, email, pictureUrl})
  }

  protected override view(_user: User, {capabilities}: ServerFacts) {
    return capabilities.ownerWord === 'namespace' ? 'Namespace created\n' : 'User created\n'
  }

  protected override document(user: User) {
    return userDocument(user)
  }
}
