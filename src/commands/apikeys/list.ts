import type {ControlApi} from '../../api/control-api.ts'
import {apiKeySelectorFlags, apiKeySelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {API_KEYS, SHOWN_API_KEYS} from '../../render/columns/keys.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {selectApiKeys} from '../../usecases/keys/select-keys.ts'

export default class ApiKeysList extends ListCommand<typeof ApiKeysList, ApiKey> {
  static override summary = 'List API keys'
  static override examples = ['<%= config.bin %> apikeys list', '<%= config.bin %> apikeys list --expires-within 14d']
  static override flags = apiKeySelectorFlags

  override readonly list = API_KEYS

  protected override fetch(api: ControlApi) {
    const selector = apiKeySelectorOf(this.flags)
    return selector ? selectApiKeys(api, selector, this.io.now()) : api.apiKeys.list()
  }

  protected override shown() {
    return SHOWN_API_KEYS
  }

  protected override item(key: ApiKey) {
    return apiKeyDocument(key)
  }
}
