import type {ControlApi} from '../../api/control-api.ts'
import {ApiKeyChangeCommand, apiKeyArgs} from '../../cli/commands/api-key-change.ts'
import type {ApiKey} from '../../domain/api-key.ts'

export default class ApiKeysDelete extends ApiKeyChangeCommand<typeof ApiKeysDelete> {
  static override summary = 'Delete an API key (headscale 0.23+)'
  static override examples = [
    '<%= config.bin %> apikeys delete --prefix abcdefg',
    '<%= config.bin %> apikeys delete -i 3',
  ]
  static override args = apiKeyArgs
  protected override readonly verb = 'delete'

  protected override get key() {
    return this.args.key
  }

  protected override async change(api: ControlApi, key: ApiKey) {
    await api.apiKeys.delete(key)
    return key
  }
}
