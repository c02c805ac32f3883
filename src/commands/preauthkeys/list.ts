import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {userFlag} from '../../cli/flags.ts'
import {listView} from '../../cli/list-view.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {describeUser} from '../../domain/user.ts'
import {preAuthKeyColumns} from '../../render/columns/keys.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'

export default class PreAuthKeysList extends ControlCommand<typeof PreAuthKeysList, PreAuthKey[]> {
  static override summary = 'List pre-auth keys'
  static override examples = [
    '<%= config.bin %> preauthkeys list',
    '<%= config.bin %> preauthkeys list --user default --show-keys',
  ]
  static override flags = {
    user: userFlag({description: 'show only keys of this user, by name or ID'}),
    'show-keys': Flags.boolean({description: 'show full keys (headscale up to 0.27)'}),
  }

  protected override async perform(api: ControlApi) {
    const {users, unlisted} = await preAuthKeyOwners(api, this.flags.user)
    if (unlisted.length > 0) {
      this.warn(`the server cannot list the keys of users who share a name: ${unlisted.map(describeUser).join('; ')}`)
    }
    return api.preAuthKeys.list(users)
  }

  protected override view(keys: PreAuthKey[], {capabilities}: ServerFacts) {
    const {ownerWord} = capabilities
    return listView(
      preAuthKeyColumns({showKeys: this.flags['show-keys'], ownerWord, now: this.io.now()}),
      keys,
      this.io,
    )
  }

  protected override document(keys: PreAuthKey[]) {
    return keys.map((key) => preAuthKeyDocument(key, {secret: this.flags['show-keys']}))
  }
}
