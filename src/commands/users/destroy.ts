import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {userReferences} from '../../cli/args/targets.ts'
import {TargetsCommand} from '../../cli/commands/targets-command.ts'
import {targetsArg, textFlag} from '../../cli/flags.ts'
import {describeUser, type User} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import {userDocument} from '../../render/document/user.ts'
import {planDestroyUser} from '../../usecases/users/destroy-user.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class UsersDestroy extends TargetsCommand<typeof UsersDestroy, User, User> {
  static override summary = 'Delete users that have no nodes'
  static override description = 'Also deletes the pre-auth keys of the users.'
  static override examples = [
    '<%= config.bin %> users destroy default',
    '<%= config.bin %> users destroy -i 3 --force',
    '<%= config.bin %> users destroy anna ben --dry-run',
  ]
  static override args = {user: targetsArg({description: 'users to delete, by name or ID', completes: 'user'})}
  static override flags = {
    identifier: textFlag({char: 'i', description: 'ID of the user', helpValue: 'ID', completes: 'user-id'}),
    name: textFlag({char: 'n', description: 'name of the user', helpValue: 'NAME', completes: 'user-name'}),
    'allow-key-loss': Flags.boolean({
      description: 'accept that headscale 0.28.0 also deletes the pre-auth keys of all other users',
    }),
  }

  protected override readonly noun = {one: 'user', many: 'users'}
  protected override readonly verb = 'destroy'
  protected override readonly consequence = 'A deleted user and its pre-auth keys cannot be restored.'

  protected override get named() {
    const {identifier, name} = this.flags
    return userReferences({user: this.args.user, identifier, name})
  }

  protected override resolve(api: ControlApi, word: string) {
    return resolveUser(api, word, {mayBeCreated: false})
  }

  protected override idOf({id}: User) {
    return id
  }

  protected override describe(user: User) {
    return `user ${describeUser(user)}`
  }

  protected override async planTarget(api: ControlApi, user: User) {
    const {keyLoss, ...plan} = await planDestroyUser(api, user)
    if (keyLoss !== null && this.forced && !this.flags['allow-key-loss']) {
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
