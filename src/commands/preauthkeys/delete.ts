import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {keyTarget} from '../../cli/args/targets.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {findPreAuthKey, preAuthKeyChange} from '../../usecases/keys/find-pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'

export default class PreAuthKeysDelete extends ChangeCommand<typeof PreAuthKeysDelete, PreAuthKey> {
  static override summary = 'Delete a pre-auth key (headscale 0.28+)'
  static override examples = ['<%= config.bin %> preauthkeys delete -i 3']
  static override args = {key: optionalArg({description: 'key to delete, in full or as a unique prefix'})}
  static override flags = {id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID'})}

  protected override async plan(api: ControlApi) {
    const target = keyTarget({key: this.args.key, id: this.flags.id}, 'preauthkeys delete')
    const {users, unlisted} = await preAuthKeyOwners(api, undefined)
    const {key} = await findPreAuthKey(api, target, users, unlisted)
    return {
      changes: [preAuthKeyChange('delete', key)],
      apply: async () => {
        await api.preAuthKeys.delete(key)
        return key
      },
    }
  }

  protected override view() {
    return 'Key deleted\n'
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key)
  }
}
