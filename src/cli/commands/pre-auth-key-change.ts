/** The base of `preauthkeys expire` and `preauthkeys delete`. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {
  describePreAuthKey,
  findPreAuthKey,
  type FoundKey,
  preAuthKeyChange,
} from '../../usecases/keys/find-pre-auth-key.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'
import {keyLabel, keyReference} from '../args/targets.ts'
import {targetsArg, textFlag, userFlag} from '../flags.ts'
import {TargetsCommand, targetsCommandFlags} from './targets-command.ts'

export const preAuthKeyArgs = {key: targetsArg({description: 'keys, each by ID, in full or as a unique prefix'})}

const preAuthKeyChangeFlags = {
  ...targetsCommandFlags,
  id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID'}),
  user: userFlag({description: 'search only keys of this user, by name or ID'}),
}

export abstract class PreAuthKeyChangeCommand<C extends typeof Command> extends TargetsCommand<
  C,
  FoundKey,
  PreAuthKey,
  typeof preAuthKeyChangeFlags
> {
  static override baseFlags: typeof preAuthKeyChangeFlags = preAuthKeyChangeFlags

  protected override readonly noun = {one: 'pre-auth key', many: 'pre-auth keys'}
  protected abstract override readonly verb: 'expire' | 'delete'

  /** Makes the change. */
  protected abstract change(api: ControlApi, found: FoundKey): Promise<void>

  protected override get named(): readonly string[] {
    const {key = []} = this.args as {key?: string[]}
    const {id} = this.flags
    return [...(id === undefined ? [] : [`id:${id}`]), ...key]
  }

  protected override labelOf(word: string): string {
    return keyLabel(word)
  }

  protected override async resolve(api: ControlApi, word: string): Promise<FoundKey> {
    const reference = keyReference(word)
    const {users, unlisted} = await preAuthKeyOwners(api, this.flags.user)
    return findPreAuthKey(api, reference, users, unlisted)
  }

  protected override idOf({key}: FoundKey): string {
    return key.id
  }

  protected override describe({key}: FoundKey): string {
    return describePreAuthKey(key)
  }

  protected override async planTarget(api: ControlApi, found: FoundKey): Promise<ChangePlan<PreAuthKey>> {
    return {
      changes: [preAuthKeyChange(this.verb, found.key)],
      apply: async () => {
        await this.change(api, found)
        return found.key
      },
    }
  }

  protected override view() {
    return `Key ${this.verb}d\n`
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key)
  }
}
