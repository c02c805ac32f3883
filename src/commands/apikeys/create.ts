import type {ControlApi} from '../../api/control-api.ts'
import {SecretCommand} from '../../cli/commands/secret-command.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {otherChange} from '../../domain/change.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {keyOfSecret} from '../../usecases/keys/find-api-key.ts'
import {formatTime} from '../../domain/values/time.ts'

interface NewKey {
  secret: string
  key: ApiKey
}

export default class ApiKeysCreate extends SecretCommand<typeof ApiKeysCreate, NewKey> {
  static override summary = 'Create an API key (shown only once)'
  static override examples = [
    '<%= config.bin %> apikeys create --output-file key.txt',
    '<%= config.bin %> apikeys create --expiration 30d',
  ]
  static override flags = {expiration: expirationFlag({default: '90d'})}

  protected override async planSecret(api: ControlApi) {
    const expiration = new Date(this.io.now().getTime() + this.flags.expiration)
    const after = {expiration: formatTime(expiration)}
    return {
      changes: [
        otherChange({
          action: 'create',
          kind: 'api-key',
          after,
          summary: `create an API key that expires at ${after.expiration}`,
        }),
      ],
      apply: () => this.create(api, expiration),
    }
  }

  protected override secret({secret}: NewKey) {
    return secret
  }

  protected override document({key, secret}: NewKey) {
    return apiKeyDocument(key, this.path === null ? secret : null)
  }

  protected override secretOf({secret}: NewKey) {
    // Up to 0.27 PREFIX.SECRET, then hskey-api-PREFIX-SECRET with a prefix of 12 characters.
    const prefix = secret.startsWith('hskey-api-') ? secret.slice(10, 22) : secret.split('.')[0]!
    return {what: `the API key with the prefix ${prefix}`, undo: `apikeys expire --prefix ${prefix}`}
  }

  private async create(api: ControlApi, expiration: Date): Promise<NewKey> {
    const secret = await api.apiKeys.create(expiration)
    // The server returns only the secret; the list has the rest. If the list fails, the secret is printed anyway.
    const listed = this.machineOutput ? keyOfSecret(await api.apiKeys.list().catch(() => []), secret) : null
    return {secret, key: listed ?? {id: '', prefix: '', expiration, createdAt: null, lastSeen: null}}
  }
}
