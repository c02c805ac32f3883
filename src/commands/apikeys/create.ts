import type {ControlApi} from '../../api/control-api.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import {SecretCommand} from '../../cli/commands/secret-command.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {apiKeyCreation, createApiKey, type NewApiKey} from '../../usecases/keys/create-api-key.ts'
import {prefixOfSecret} from '../../usecases/keys/find-api-key.ts'

export default class ApiKeysCreate extends SecretCommand<typeof ApiKeysCreate, NewApiKey> {
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

  protected override secret({secret}: NewApiKey) {
    return secret
  }

  protected override document({key, secret}: NewApiKey) {
    return apiKeyDocument(key, this.path === null ? secret : null)
  }

  protected override secretOf({secret}: NewApiKey) {
    const prefix = prefixOfSecret(secret)
    return {what: `the API key with the prefix ${prefix}`, undo: `apikeys expire --prefix ${prefix}`}
  }
}
