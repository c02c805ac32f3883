import type {ControlApi} from '../../api/control-api.ts'
import {apiKeySelectorFlags, apiKeySelectorOf} from '../../cli/args/selectors.ts'
import {PruneCommand} from '../../cli/commands/prune-command.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {becauseOf} from '../../domain/change.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {apiKeyChange, describeApiKey} from '../../usecases/keys/find-api-key.ts'
import {type PrunableKey, selectPrunableApiKeys} from '../../usecases/keys/prune-keys.ts'

type Prunable = PrunableKey<ApiKey>

export default class ApiKeysPrune extends PruneCommand<typeof ApiKeysPrune, Prunable, ApiKey> {
  static override summary = 'Delete expired API keys (headscale 0.23+)'
  static override description =
    'Selectors narrow the choice. The API key that the program itself uses stays, even if it looks expired.'
  static override examples = [
    '<%= config.bin %> apikeys prune --dry-run',
    '<%= config.bin %> apikeys prune --older-than 1y --force',
  ]
  static override flags = apiKeySelectorFlags

  protected override readonly noun = {one: 'API key', many: 'API keys'}

  protected override async select(api: ControlApi) {
    const {found, inUse} = await selectPrunableApiKeys(api, apiKeySelectorOf(this.flags), this.io.now())
    for (const key of inUse) {
      this.warn(`${describeApiKey(key)} stays: it is in use, although it looks expired; compare the clocks`)
    }
    return found
  }

  protected override idOf({key}: Prunable) {
    return key.id
  }

  protected override describe({key}: Prunable) {
    return describeApiKey(key)
  }

  protected override async planTarget(api: ControlApi, {key, reason}: Prunable) {
    return {
      changes: [becauseOf(reason, apiKeyChange('delete', key))],
      apply: async () => {
        await api.apiKeys.delete(key)
        return key
      },
    }
  }

  protected override document(key: ApiKey) {
    return apiKeyDocument(key)
  }
}
