/** The base of commands that create an API key. */
import type {Command} from '@oclif/core/command'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import type {NewApiKey} from '../../usecases/keys/create-api-key.ts'
import {prefixOfSecret} from '../../usecases/keys/find-api-key.ts'
import {SecretCommand} from './secret-command.ts'

export abstract class ApiKeySecretCommand<C extends typeof Command, Result extends NewApiKey> extends SecretCommand<
  C,
  Result
> {
  protected override secret({secret}: Result) {
    return secret
  }

  protected override document({key, secret}: Result) {
    return apiKeyDocument(key, this.path === null ? secret : null)
  }

  protected override secretOf({secret}: Result) {
    const prefix = prefixOfSecret(secret)
    return {what: `the API key with the prefix ${prefix}`, undo: `apikeys expire --prefix ${prefix}`}
  }
}
