import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {keyOfSecret} from '../../usecases/keys/find-api-key.ts'

interface NewKey {
  secret: string
  key: ApiKey
}

export default class ApiKeysCreate extends ChangeCommand<typeof ApiKeysCreate, NewKey> {
  static override summary = 'Create an API key (shown only once)'
  static override examples = [
    '<%= config.bin %> apikeys create > key.txt',
    '<%= config.bin %> apikeys create --expiration 30d',
  ]
  static override flags = {expiration: expirationFlag({default: '90d'})}

  protected override async perform(api: ControlApi) {
    const expiration = new Date(this.io.now().getTime() + this.flags.expiration)
    const secret = await api.apiKeys.create(expiration)
    // The answer is the secret alone; what else there is to say of the key is in the list.
    const listed = this.forMachines ? keyOfSecret(await api.apiKeys.list(), secret) : null
    return {secret, key: listed ?? {id: '', prefix: '', expiration, createdAt: null, lastSeen: null}}
  }

  protected override intent() {
    return 'create an API key'
  }

  protected override view({secret}: NewKey) {
    return `${secret}\n`
  }

  protected override document({key, secret}: NewKey) {
    return apiKeyDocument(key, secret)
  }
}
