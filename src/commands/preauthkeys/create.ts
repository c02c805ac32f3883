import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {listFlag, userFlag} from '../../cli/flags.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {checkTag} from '../../domain/tag.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {resolveUser} from '../../usecases/users/resolve-user.ts'

export default class PreAuthKeysCreate extends ChangeCommand<typeof PreAuthKeysCreate, PreAuthKey> {
  static override summary = 'Create a pre-auth key and print it, this once'
  static override examples = [
    'KEY=$(<%= config.bin %> preauthkeys create -u default)',
    '<%= config.bin %> preauthkeys create -u default --reusable --expiration 24h',
    '<%= config.bin %> preauthkeys create --tags tag:ci --ephemeral',
  ]
  static override flags = {
    user: userFlag({description: 'whose nodes it makes, by name or id; not needed with --tags from 0.28 on'}),
    reusable: Flags.boolean({description: 'may be used more than once'}),
    ephemeral: Flags.boolean({description: 'its nodes are deleted when they go offline'}),
    expiration: expirationFlag({default: '1h'}),
    tags: listFlag({description: 'tags its nodes get (0.17+)', helpValue: 'TAG'}),
  }

  protected override async perform(api: ControlApi) {
    const {user, reusable, ephemeral, expiration, tags = []} = this.flags
    return api.preAuthKeys.create({
      user: user === undefined ? null : await resolveUser(api, user),
      reusable,
      ephemeral,
      expiration: new Date(this.io.now().getTime() + expiration),
      tags: tags.map(checkTag),
    })
  }

  protected override intent() {
    const {user, tags = []} = this.flags
    return `create a pre-auth key for ${user === undefined ? tags.join(', ') : `"${user}"`}`
  }

  protected override view(key: PreAuthKey) {
    return `${key.key}\n`
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: true})
  }
}
