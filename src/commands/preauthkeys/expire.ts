import type {ControlApi} from '../../api/control-api.ts'
import {PreAuthKeyChangeCommand, preAuthKeyArgs} from '../../cli/commands/pre-auth-key-change.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {asListed} from '../../usecases/as-listed.ts'
import type {FoundKey} from '../../usecases/keys/find-pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'

export default class PreAuthKeysExpire extends PreAuthKeyChangeCommand<typeof PreAuthKeysExpire> {
  static override summary = 'Expire pre-auth keys'
  static override examples = [
    '<%= config.bin %> preauthkeys expire -i 3',
    '<%= config.bin %> preauthkeys expire -u default 8f4c1d',
    '<%= config.bin %> preauthkeys expire 3 4 5',
    '<%= config.bin %> preauthkeys expire --user default --not-expired',
  ]
  static override args = preAuthKeyArgs

  protected override readonly verb = 'expire'
  protected override readonly consequence = 'An expired pre-auth key cannot be made valid again.'

  protected override isDone({expiration}: PreAuthKey) {
    return expiration !== null && expiration <= this.io.now()
  }

  protected override change(api: ControlApi, {key, owner}: FoundKey) {
    return api.preAuthKeys.expire(key, owner)
  }

  protected override async complete(api: ControlApi, keys: readonly PreAuthKey[]) {
    if (!this.machineOutput) return [...keys]
    const {users} = await preAuthKeyOwners(api, this.flags.user?.[0])
    return asListed(keys, await api.preAuthKeys.list(users))
  }
}
