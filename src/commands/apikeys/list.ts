import type {ControlApi} from '../../api/control-api.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyColumns} from '../../render/columns/keys.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'

export default class ApiKeysList extends ListCommand<typeof ApiKeysList, ApiKey> {
  static override summary = 'List API keys'
  static override examples = ['<%= config.bin %> apikeys list']

  protected override fetch(api: ControlApi) {
    return api.apiKeys.list()
  }

  protected override columns() {
    return apiKeyColumns({now: this.io.now()})
  }

  protected override item(key: ApiKey) {
    return apiKeyDocument(key)
  }
}
