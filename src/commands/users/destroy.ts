import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {userTarget} from '../../cli/args/targets.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import {userDocument} from '../../render/document/user.ts'
import {planDestroyUser} from '../../usecases/users/destroy-user.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class UsersDestroy extends ChangeCommand<typeof UsersDestroy, User> {
  static override summary = 'Delete a user that has no nodes'
  static override description = 'Also deletes the pre-auth keys of the user.'
  static override examples = [
    '<%= config.bin %> namespaces destroy default',
    '<%= config.bin %> users destroy -i 3 --force',
  ]
  static override args = {user: optionalArg({description: 'user to delete, by name or ID'})}
  static override flags = {
    identifier: textFlag({char: 'i', description: 'ID of the user', helpValue: 'ID'}),
    name: textFlag({char: 'n', description: 'name of the user', helpValue: 'NAME'}),
    'allow-key-loss': Flags.boolean({
      description: 'accept that headscale 0.28.0 also deletes the pre-auth keys of all other users',
    }),
  }

  protected override async perform(api: ControlApi) {
    const {user, question, facts, foreignKeys} = await planDestroyUser(api, await resolveUser(api, this.target()))
    const {force, 'dry-run': dryRun, 'allow-key-loss': accepted} = this.flags as Record<string, boolean | undefined>
    if (foreignKeys > 0 && force && !accepted && !dryRun) {
      throw new HeadscaleError('needs-confirmation', facts.at(-1)!, {
        hint: 'upgrade the server to 0.29, or add --allow-key-loss to accept that',
        details: {foreignKeys},
      })
    }
    await this.confirm(question, facts)
    await api.users.destroy(user)
    return user
  }

  protected override intent() {
    return `destroy "${this.target()}"`
  }

  protected override view(_user: User, {capabilities}: ServerFacts) {
    return capabilities.ownerWord === 'namespace' ? 'Namespace destroyed\n' : 'User destroyed\n'
  }

  protected override document(user: User) {
    return userDocument(user)
  }

  private target() {
    const {identifier, name} = this.flags
    return userTarget({user: this.args.user, identifier, name}, 'users destroy')
  }
}
