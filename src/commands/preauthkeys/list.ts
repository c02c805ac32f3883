import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {userFlag} from '../../cli/flags.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {describeUser} from '../../domain/user.ts'
import {preAuthKeyColumns} from '../../render/columns/keys.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'

export default class PreAuthKeysList extends ListCommand<typeof PreAuthKeysList, PreAuthKey> {
  static override summary = 'List pre-auth keys'
  static override examples = [
    '<%= config.bin %> preauthkeys list',
    '<%= config.bin %> preauthkeys list --user default --show-keys',
  ]
  static override flags = {
    user: userFlag({description: 'show only keys of this user, by name or ID'}),
    'show-keys': Flags.boolean({description: 'show full keys (headscale up to 0.27)'}),
  }

  protected override async fetch(api: ControlApi) {
    const {users, unlisted} = await preAuthKeyOwners(api, this.flags.user)
    if (unlisted.length > 0) {
      this.warn(`the server cannot list the keys of users who share a name: ${unlisted.map(describeUser).join('; ')}`)
    }
    return api.preAuthKeys.list(users)
  }

  protected override columns({capabilities: {ownerWord}}: ServerFacts) {
    return preAuthKeyColumns({showKeys: this.flags['show-keys'], ownerWord, now: this.io.now()})
  }

  protected override item(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: this.flags['show-keys']})
  }
}
