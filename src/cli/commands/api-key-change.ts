/** The base of `apikeys expire` and `apikeys delete`. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {otherChange} from '../../domain/change.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {findApiKey} from '../../usecases/keys/find-api-key.ts'
import {keyTarget} from '../args/targets.ts'
import {optionalArg, textFlag} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'

export const apiKeyArgs = {key: optionalArg({description: 'API key, in full or as a unique prefix'})}

const apiKeyChangeFlags = {
  ...changeCommandFlags,
  prefix: textFlag({char: 'p', description: 'prefix of the key, as shown by "apikeys list"', helpValue: 'PREFIX'}),
  id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID'}),
}

export abstract class ApiKeyChangeCommand<C extends typeof Command> extends ChangeCommand<
  C,
  ApiKey,
  typeof apiKeyChangeFlags
> {
  static override baseFlags: typeof apiKeyChangeFlags = apiKeyChangeFlags

  /** The verb of the command. */
  protected abstract readonly verb: 'expire' | 'delete'
  /** The KEY argument. */
  protected abstract get key(): string | undefined
  /** Makes the change. @returns the changed key, or the deleted one */
  protected abstract change(api: ControlApi, key: ApiKey): Promise<ApiKey>

  protected override async plan(api: ControlApi): Promise<ChangePlan<ApiKey>> {
    const {prefix, id} = this.flags
    const key = await findApiKey(api, keyTarget({key: this.key, id, prefix}, `apikeys ${this.verb}`))
    const summary = `${this.verb} API key ${key.prefix} (id ${key.id})`
    return {
      changes: [otherChange({action: this.verb, kind: 'api-key', id: key.id, name: key.prefix, summary})],
      apply: () => this.change(api, key),
    }
  }

  protected override view() {
    return `Key ${this.verb}d\n`
  }

  protected override document(key: ApiKey): unknown {
    return apiKeyDocument(key)
  }
}
