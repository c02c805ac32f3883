/** What `apikeys expire` and `apikeys delete` share: how a key is named, and what is printed. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {findApiKey} from '../../usecases/keys/find-api-key.ts'
import {ChangeCommand} from './base-command.ts'
import {optionalArg, textFlag} from '../flags.ts'
import {keyTarget} from '../args/targets.ts'

export const apiKeyArgs = {key: optionalArg({description: 'API key, in full or as a unique prefix'})}
export const apiKeyFlags = {
  prefix: textFlag({char: 'p', description: 'prefix of the key, as shown by "apikeys list"', helpValue: 'PREFIX'}),
  id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID'}),
}

export abstract class ApiKeyChangeCommand<C extends typeof Command> extends ChangeCommand<C, ApiKey> {
  /** The end of the sentence that begins with the verb: `expire`, `delete`. */
  protected abstract readonly verb: 'expire' | 'delete'
  /** The change itself. @returns the key as it is then, or was */
  protected abstract change(api: ControlApi, key: ApiKey): Promise<ApiKey>

  protected override async perform(api: ControlApi) {
    const {key} = this.args as {key?: string}
    const {prefix, id} = this.flags as {prefix?: string; id?: string}
    return this.change(api, await findApiKey(api, keyTarget({key, id, prefix}, `apikeys ${this.verb}`)))
  }

  protected override intent() {
    return `${this.verb} the API key`
  }

  protected override view() {
    return `Key ${this.verb}d\n`
  }

  protected override document(key: ApiKey): unknown {
    return apiKeyDocument(key)
  }
}
