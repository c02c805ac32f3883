import type {ControlApi} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {listView} from '../../cli/list-view.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyColumns} from '../../render/columns/keys.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'

export default class ApiKeysList extends ControlCommand<typeof ApiKeysList, ApiKey[]> {
  static override summary = 'List API keys'
  static override examples = ['<%= config.bin %> apikeys list']

  protected override perform(api: ControlApi) {
    return api.apiKeys.list()
  }

  protected override view(keys: ApiKey[]) {
    return listView(apiKeyColumns({now: this.io.now()}), keys, this.io)
  }

  protected override document(keys: ApiKey[]) {
    return keys.map((key) => apiKeyDocument(key))
  }
}
