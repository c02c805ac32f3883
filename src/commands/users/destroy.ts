import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {confirmationFlags, optionalArg, textFlag} from '../../cli/flags.ts'
import {userTarget} from '../../cli/args/targets.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import {userDocument} from '../../render/document/user.ts'
import {planDestroyUser} from '../../usecases/users/destroy-user.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class UsersDestroy extends ChangeCommand<typeof UsersDestroy, User> {
  static override summary = 'Delete a user that has no nodes'
  static override description = 'Also deletes the pre-auth keys of the user.'
  static override examples = ['<%= config.bin %> users destroy default', '<%= config.bin %> users destroy -i 3 --force']
  static override args = {user: optionalArg({description: 'user to delete, by name or ID'})}
  static override flags = {
    ...confirmationFlags,
    identifier: textFlag({char: 'i', description: 'ID of the user', helpValue: 'ID'}),
    name: textFlag({char: 'n', description: 'name of the user', helpValue: 'NAME'}),
    'allow-key-loss': Flags.boolean({
      description: 'accept that headscale 0.28.0 also deletes the pre-auth keys of all other users',
    }),
  }

  protected override async plan(api: ControlApi) {
    const {identifier, name, 'allow-key-loss': lossAccepted} = this.flags
    const target = userTarget({user: this.args.user, identifier, name}, 'users destroy')
    const {keyLoss, ...plan} = await planDestroyUser(api, await resolveUser(api, target))
    if (keyLoss !== null && this.forced && !lossAccepted) {
      throw new HeadscaleError('needs-confirmation', keyLoss.warning, {
        hint: 'upgrade the server to 0.29, or add --allow-key-loss to accept that',
        details: {foreignKeys: keyLoss.keys},
      })
    }
    return plan
  }

  protected override view(_user: User, {capabilities}: ServerFacts) {
    return capabilities.ownerWord === 'namespace' ? 'Namespace destroyed\n' : 'User destroyed\n'
  }

  protected override document(user: User) {
    return userDocument(user)
  }
}
