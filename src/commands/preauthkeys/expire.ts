import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {optionalArg, textFlag, userFlag} from '../../cli/flags.ts'
import {keyTarget} from '../../cli/args/targets.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {findPreAuthKey, preAuthKeyChange} from '../../usecases/keys/find-pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'

export default class PreAuthKeysExpire extends ChangeCommand<typeof PreAuthKeysExpire, PreAuthKey> {
  static override summary = 'Expire a pre-auth key'
  static override examples = [
    '<%= config.bin %> preauthkeys expire -i 3',
    '<%= config.bin %> preauthkeys expire -u default 8f4c1d',
  ]
  static override args = {key: optionalArg({description: 'key to expire, in full or as a unique prefix'})}
  static override flags = {
    id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID'}),
    user: userFlag({description: 'search only keys of this user, by name or ID'}),
  }

  protected override async plan(api: ControlApi) {
    const target = keyTarget({key: this.args.key, id: this.flags.id}, 'preauthkeys expire')
    const {users, unlisted} = await preAuthKeyOwners(api, this.flags.user)
    const {key, owner} = await findPreAuthKey(api, target, users, unlisted)
    return {
      changes: [preAuthKeyChange('expire', key)],
      apply: async () => {
        await api.preAuthKeys.expire(key, owner)
        return this.machineOutput ? (await findPreAuthKey(api, {id: key.id}, owner ? [owner] : [])).key : key
      },
    }
  }

  protected override view() {
    return 'Key expired\n'
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key)
  }
}
