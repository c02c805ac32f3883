import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {userTarget} from '../../cli/args/targets.ts'
import type {User} from '../../domain/user.ts'
import {usageError} from '../../errors.ts'
import {userDocument} from '../../render/document/user.ts'
import {planRenameUser} from '../../usecases/users/rename-user.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class UsersRename extends ChangeCommand<typeof UsersRename, User> {
  static override summary = 'Rename a user'
  static override examples = [
    '<%= config.bin %> users rename default home',
    '<%= config.bin %> users rename -i 1 --new-name home',
  ]
  static override args = {
    user: optionalArg({description: 'user to rename, by name or ID', completes: 'user', completesOne: true}),
    newname: optionalArg({description: 'new name'}),
  }
  static override flags = {
    identifier: textFlag({char: 'i', description: 'ID of the user', helpValue: 'ID', completes: 'user-id'}),
    name: textFlag({char: 'n', description: 'current name of the user', helpValue: 'NAME', completes: 'user-name'}),
    'new-name': textFlag({char: 'r', description: 'new name', helpValue: 'NAME'}),
  }

  protected override async plan(api: ControlApi) {
    const {target, newName} = this.operands()
    return planRenameUser(api, await resolveUser(api, target, {mayBeCreated: false}), newName)
  }

  protected override view(_user: User, {capabilities}: ServerFacts) {
    return capabilities.ownerWord === 'namespace' ? 'Namespace renamed\n' : 'User renamed\n'
  }

  protected override document(user: User) {
    return userDocument(user)
  }

  /** `rename OLD NEW`, `rename OLD -r NEW`, `rename -i ID -r NEW`, `rename -n OLD NEW`. */
  private operands(): {target: string; newName: string} {
    const {identifier, name, 'new-name': flag} = this.flags
    const words = [this.args.user, this.args.newname].filter((word) => word !== undefined)
    const newName = flag ?? words.pop()
    const given = words.length + Number(identifier !== undefined) + Number(name !== undefined)
    if (newName === undefined || given === 0 || words.length > 1) {
      throw usageError('expected one user and one new name', 'for example: headscale-ts users rename OLD NEW')
    }
    return {target: userTarget({user: words[0], identifier, name}, 'users rename'), newName}
  }
}
