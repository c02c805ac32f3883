import type {ControlApi} from '../../api/control-api.ts'
import {ApiKeyChangeCommand, apiKeyArgs} from '../../cli/commands/api-key-change.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {findApiKey} from '../../usecases/keys/find-api-key.ts'

export default class ApiKeysExpire extends ApiKeyChangeCommand<typeof ApiKeysExpire> {
  static override summary = 'Expire an API key'
  static override examples = [
    '<%= config.bin %> apikeys expire --prefix abcdefg',
    '<%= config.bin %> apikeys expire -i 3',
  ]
  static override args = apiKeyArgs
  protected override readonly verb = 'expire'

  protected override get key() {
    return this.args.key
  }

  protected override async change(api: ControlApi, key: ApiKey) {
    await api.apiKeys.expire(key)
    return this.machineOutput ? findApiKey(api, {id: key.id}) : key
  }
}
