import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {listView} from '../../cli/list-view.ts'
import type {User} from '../../domain/user.ts'
import {namespaceColumns, userColumns} from '../../render/columns/users.ts'
import {userDocument} from '../../render/document/user.ts'

export default class UsersList extends ControlCommand<typeof UsersList, User[]> {
  static override summary = 'List users'
  static override examples = ['<%= config.bin %> users list', '<%= config.bin %> namespaces list -o json']

  protected override perform(api: ControlApi) {
    return api.users.list()
  }

  protected override view(users: User[], {capabilities}: ServerFacts) {
    const documented = this.invokedAs[0]?.startsWith('n') || !capabilities.userProfiles
    return listView(documented ? namespaceColumns : userColumns, users, this.io)
  }

  protected override document(users: User[]) {
    return users.map(userDocument)
  }
}
