/** The base of `preauthkeys expire` and `preauthkeys delete`. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {PreAuthKeySelector} from '../../domain/selector.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {
  describePreAuthKey,
  findPreAuthKey,
  type FoundKey,
  preAuthKeyChange,
} from '../../usecases/keys/find-pre-auth-key.ts'
import {selectPreAuthKeys} from '../../usecases/keys/select-keys.ts'
import {preAuthKeyOwners} from '../../usecases/keys/pre-auth-key-owners.ts'
import {keyLabel, keyReference} from '../args/targets.ts'
import {preAuthKeySelectorFlags, preAuthKeySelectorOf} from '../args/selectors.ts'
import {targetsArg, textFlag} from '../flags.ts'
import {warnOfKeys} from '../output/key-warnings.ts'
import {TargetsCommand, targetsCommandFlags} from './targets-command.ts'

export const preAuthKeyArgs = {
  key: targetsArg({description: 'keys, each by ID, in full or as a unique prefix', completes: 'pre-auth-key'}),
}

const preAuthKeyChangeFlags = {
  ...targetsCommandFlags,
  id: textFlag({char: 'i', description: 'ID of the key', helpValue: 'ID', completes: 'pre-auth-key'}),
  ...preAuthKeySelectorFlags,
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

  /** Whether the change is already made, so that nothing is sent: some servers reject a second one. */
  protected isDone(_key: PreAuthKey): boolean {
    return false
  }
  /** Makes the change. */
  protected abstract change(api: ControlApi, found: FoundKey): Promise<void>

  protected override get named(): readonly string[] {
    const {key = []} = this.args as {key?: string[]}
    const {id} = this.flags
    return [...(id === undefined ? [] : [`id:${id}`]), ...key]
  }

  /** For keys that are named, `--user` limits the search and selects nothing. */
  protected get selector(): PreAuthKeySelector<string> | null {
    const selector = preAuthKeySelectorOf(this.flags) ?? []
    const conditions = this.named.length > 0 ? selector.filter(({is, not}) => is !== 'user' || not) : selector
    return conditions.length > 0 ? conditions : null
  }

  protected override get selects(): boolean {
    return this.selector !== null
  }

  protected override async select(api: ControlApi): Promise<FoundKey[]> {
    const {found, unlisted, useUnknown} = await selectPreAuthKeys(api, this.selector ?? [], this.io.now())
    warnOfKeys(this.io, {unlisted, useUnknown})
    return found
  }

  protected override checkWord(word: string): void {
    keyReference(word, {kind: 'pre-auth key', verb: this.verb})
  }

  protected override labelOf(word: string): string {
    return keyLabel(word)
  }

  protected override async resolve(api: ControlApi, word: string): Promise<FoundKey> {
    const reference = keyReference(word, {kind: 'pre-auth key', verb: this.verb})
    const {users, unlisted} = await preAuthKeyOwners(api, this.flags.user?.[0])
    return findPreAuthKey(api, reference, users, unlisted)
  }

  protected override idOf({key}: FoundKey): string {
    return key.id
  }

  protected override describe({key}: FoundKey): string {
    return describePreAuthKey(key)
  }

  protected override async planTarget(api: ControlApi, found: FoundKey): Promise<ChangePlan<PreAuthKey>> {
    if (this.isDone(found.key)) return {changes: [], apply: async () => found.key}
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
