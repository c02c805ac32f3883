import type {ControlApi} from '../../api/control-api.ts'
import {ApiKeyChangeCommand, apiKeyArgs} from '../../cli/commands/api-key-change.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {asListed} from '../../usecases/as-listed.ts'

export default class ApiKeysExpire extends ApiKeyChangeCommand<typeof ApiKeysExpire> {
  static override summary = 'Expire API keys'
  static override examples = [
    '<%= config.bin %> apikeys expire --prefix abcdefg',
    '<%= config.bin %> apikeys expire -i 3',
    '<%= config.bin %> apikeys expire 3 4 5',
  ]
  static override args = apiKeyArgs

  protected override readonly verb = 'expire'
  protected override readonly consequence = 'An expired API key cannot be made valid again.'

  protected override isDone({expiration}: ApiKey) {
    return expiration !== null && expiration <= this.io.now()
  }

  protected override change(api: ControlApi, key: ApiKey) {
    return api.apiKeys.expire(key)
  }

  protected override async complete(api: ControlApi, keys: readonly ApiKey[]) {
    return this.machineOutput ? asListed(keys, await api.apiKeys.list()) : [...keys]
  }
}
