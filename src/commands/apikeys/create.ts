import type {ControlApi} from '../../api/control-api.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import {ApiKeySecretCommand} from '../../cli/commands/api-key-secret-command.ts'
import {apiKeyCreation, createApiKey, type NewApiKey} from '../../usecases/keys/create-api-key.ts'

export default class ApiKeysCreate extends ApiKeySecretCommand<typeof ApiKeysCreate, NewApiKey> {
  static override summary = 'Create an API key (shown only once)'
  static override examples = [
    '<%= config.bin %> apikeys create --output-file key.txt',
    '<%= config.bin %> apikeys create --expiration 30d',
  ]
  static override flags = {expiration: expirationFlag({default: '90d'})}

  protected override async planSecret(api: ControlApi) {
    const expiration = new Date(this.io.now().getTime() + this.flags.expiration)
    return {
      changes: [apiKeyCreation(expiration)],
      apply: () => createApiKey(api, expiration, {complete: this.machineOutput}),
    }
  }
}
