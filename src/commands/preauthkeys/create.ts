import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {listFlag, userFlag} from '../../cli/flags.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {planCreatePreAuthKey} from '../../usecases/keys/create-pre-auth-key.ts'

export default class PreAuthKeysCreate extends ChangeCommand<typeof PreAuthKeysCreate, PreAuthKey> {
  static override summary = 'Create a pre-auth key (shown only once)'
  static override examples = [
    'KEY=$(<%= config.bin %> preauthkeys create -u default)',
    '<%= config.bin %> preauthkeys create -u default --reusable --expiration 24h',
    '<%= config.bin %> preauthkeys create --tags tag:ci --ephemeral',
  ]
  static override flags = {
    user: userFlag({
      description: 'user that will own the nodes, by name or ID; optional with --tags (headscale 0.28+)',
    }),
    reusable: Flags.boolean({description: 'allow the key to be used more than once'}),
    ephemeral: Flags.boolean({description: 'delete nodes that used the key when they go offline'}),
    expiration: expirationFlag({default: '1h'}),
    tags: listFlag({
      description: 'tags for nodes that use the key, comma-separated (headscale 0.17+)',
      helpValue: 'TAG',
    }),
  }

  protected override plan(api: ControlApi) {
    const {user, reusable, ephemeral, expiration, tags = []} = this.flags
    return planCreatePreAuthKey(api, {
      user: user ?? null,
      reusable,
      ephemeral,
      expiration: new Date(this.io.now().getTime() + expiration),
      tags: [...new Set(tags.map(checkTag))],
    })
  }

  protected override view(key: PreAuthKey) {
    return `${key.key}\n`
  }

  protected override secretOf({id}: PreAuthKey) {
    return {what: `pre-auth key ${id}`, undo: `preauthkeys expire -i ${id}`}
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: true})
  }
}
