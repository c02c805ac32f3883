import type {ControlApi} from '../../api/control-api.ts'
import {PreAuthKeyChangeCommand, preAuthKeyArgs} from '../../cli/commands/pre-auth-key-change.ts'
import type {FoundKey} from '../../usecases/keys/find-pre-auth-key.ts'

export default class PreAuthKeysDelete extends PreAuthKeyChangeCommand<typeof PreAuthKeysDelete> {
  static override summary = 'Delete pre-auth keys (headscale 0.28+)'
  static override examples = ['<%= config.bin %> preauthkeys delete -i 3', '<%= config.bin %> preauthkeys delete 3 4 5']
  static override args = preAuthKeyArgs

  protected override readonly verb = 'delete'
  protected override readonly consequence = 'A deleted pre-auth key cannot register nodes any more.'

  protected override change(api: ControlApi, {key}: FoundKey) {
    return api.preAuthKeys.delete(key)
  }
}
