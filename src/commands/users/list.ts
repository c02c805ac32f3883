import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {userSelectorFlags, userSelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {textFlag} from '../../cli/flags.ts'
import type {User} from '../../domain/user.ts'
import {SHOWN_NAMESPACES, SHOWN_USERS, USERS} from '../../render/columns/users.ts'
import {userDocument} from '../../render/document/user.ts'
import {listUsers} from '../../usecases/users/list-users.ts'

export default class UsersList extends ListCommand<typeof UsersList, User> {
  static override summary = 'List users'
  static override examples = [
    '<%= config.bin %> users list',
    '<%= config.bin %> users list --email carson@example.com',
    '<%= config.bin %> users list --name "ci-*" --older-than 90d',
    '<%= config.bin %> users list -o json',
  ]
  static override flags = {
    identifier: textFlag({
      char: 'i',
      description: 'show only the user with this ID',
      helpValue: 'ID',
      completes: 'user-id',
    }),
    ...userSelectorFlags,
    email: textFlag({char: 'e', description: 'show only the user with this email address', helpValue: 'ADDRESS'}),
  }

  override readonly list = USERS

  protected override fetch(api: ControlApi) {
    const {identifier: id, email} = this.flags
    return listUsers(api, {id, email, selector: userSelectorOf(this.flags), now: this.io.now()})
  }

  protected override shown({capabilities}: ServerFacts) {
    const documented = this.invokedAs[0]?.startsWith('n') || !capabilities.userProfiles
    return documented ? SHOWN_NAMESPACES : SHOWN_USERS
  }

  protected override item(user: User) {
    return userDocument(user)
  }
}
