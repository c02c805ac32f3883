/** The base of `apikeys expire` and `apikeys delete`. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {apiKeyChange, describeApiKey, findApiKey} from '../../usecases/keys/find-api-key.ts'
import {selectApiKeys} from '../../usecases/keys/select-keys.ts'
import {keyLabel, keyReference} from '../args/targets.ts'
import {apiKeySelectorFlags, apiKeySelectorOf} from '../args/selectors.ts'
import {targetsArg, textFlag} from '../flags.ts'
import {TargetsCommand, targetsCommandFlags} from './targets-command.ts'

export const apiKeyArgs = {
  key: targetsArg({description: 'API keys, each by ID, in full or as a unique prefix', completes: 'api-key'}),
}

const apiKeyChangeFlags = {
  ...targetsCommandFlags,
  ...apiKeySelectorFlags,
  prefix: textFlag({
    char: 'p',
    description: 'prefix of the key, as shown by "apikeys list"',
    helpValue: 'PREFIX',
    completes: 'api-key-prefix',
  }),
  id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID', completes: 'api-key'}),
}

export abstract class ApiKeyChangeCommand<C extends typeof Command> extends TargetsCommand<
  C,
  ApiKey,
  ApiKey,
  typeof apiKeyChangeFlags
> {
  static override baseFlags: typeof apiKeyChangeFlags = apiKeyChangeFlags

  protected override readonly noun = {one: 'API key', many: 'API keys'}
  protected abstract override readonly verb: 'expire' | 'delete'

  /** Whether the change is already made, so that nothing is sent: some servers reject a second one. */
  protected isDone(_key: ApiKey): boolean {
    return false
  }
  /** Makes the change. */
  protected abstract change(api: ControlApi, key: ApiKey): Promise<void>

  protected override get named(): readonly string[] {
    const {key = []} = this.args as {key?: string[]}
    const {prefix, id} = this.flags
    return [...(id === undefined ? [] : [`id:${id}`]), ...(prefix === undefined ? [] : [prefix]), ...key]
  }

  protected override get selects(): boolean {
    return apiKeySelectorOf(this.flags) !== null
  }

  /** Without the key in use: after its change the rest of the run would be refused. It can be named. */
  protected override async select(api: ControlApi): Promise<ApiKey[]> {
    const keys = await selectApiKeys(api, apiKeySelectorOf(this.flags) ?? [], this.io.now())
    return keys.filter((key) => {
      const inUse = api.apiKeys.isInUse(key)
      if (inUse) this.warn(`${describeApiKey(key)} stays: it is in use; to ${this.verb} it, name it`)
      return !inUse
    })
  }

  protected override checkWord(word: string): void {
    keyReference(word, {kind: 'API key', verb: this.verb})
  }

  protected override labelOf(word: string): string {
    return keyLabel(word)
  }

  protected override resolve(api: ControlApi, word: string): Promise<ApiKey> {
    return findApiKey(api, keyReference(word, {kind: 'API key', verb: this.verb}))
  }

  protected override idOf({id}: ApiKey): string {
    return id
  }

  protected override describe(key: ApiKey): string {
    return describeApiKey(key)
  }

  protected override async planTarget(api: ControlApi, key: ApiKey): Promise<ChangePlan<ApiKey>> {
    if (this.isDone(key)) return {changes: [], apply: async () => key}
    return {
      changes: [apiKeyChange(this.verb, key)],
      apply: async () => {
        await this.change(api, key)
        return key
      },
    }
  }

  protected override view() {
    return `Key ${this.verb}d\n`
  }

  protected override document(key: ApiKey): unknown {
    return apiKeyDocument(key)
  }
}
