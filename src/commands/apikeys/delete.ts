import type {ControlApi} from '../../api/control-api.ts'
import {ApiKeyChangeCommand, apiKeyArgs} from '../../cli/commands/api-key-change.ts'
import type {ApiKey} from '../../domain/api-key.ts'

export default class ApiKeysDelete extends ApiKeyChangeCommand<typeof ApiKeysDelete> {
  static override summary = 'Delete API keys (headscale 0.23+)'
  static override examples = [
    '<%= config.bin %> apikeys delete --prefix abcdefg',
    '<%= config.bin %> apikeys delete -i 3',
    '<%= config.bin %> apikeys delete 3 4 5',
  ]
  static override args = apiKeyArgs

  protected override readonly verb = 'delete'
  protected override readonly consequence = 'Whoever uses a deleted API key loses access.'

  protected override change(api: ControlApi, key: ApiKey) {
    return api.apiKeys.delete(key)
  }
}
