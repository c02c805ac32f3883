import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {preAuthKeySelectorFlags, preAuthKeySelectorOf} from '../../cli/args/selectors.ts'
import {PruneCommand} from '../../cli/commands/prune-command.ts'
import {becauseOf} from '../../domain/change.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {describePreAuthKey, preAuthKeyChange} from '../../usecases/keys/find-pre-auth-key.ts'
import {type PrunableKey, selectPrunablePreAuthKeys} from '../../usecases/keys/prune-keys.ts'

type Prunable = PrunableKey<PreAuthKey>

export default class PreAuthKeysPrune extends PruneCommand<typeof PreAuthKeysPrune, Prunable, PreAuthKey> {
  static override summary = 'Delete pre-auth keys that cannot be used any more (headscale 0.28+)'
  static override description =
    'Deletes keys that are expired, and keys for one use that were used. Selectors narrow the choice. Keys that existing ' +
    'nodes joined with stay: without its key, an ephemeral node is not removed when it goes offline, and a client that ' +
    'presents the key at each start, as containers do, is refused.'
  static override examples = [
    '<%= config.bin %> preauthkeys prune --dry-run',
    '<%= config.bin %> preauthkeys prune --user ci --older-than 30d --force',
  ]
  static override flags = {
    ...preAuthKeySelectorFlags,
    'include-in-use': Flags.boolean({description: 'delete keys that existing nodes joined with too'}),
  }

  protected override readonly noun = {one: 'pre-auth key', many: 'pre-auth keys'}

  protected override async select(api: ControlApi) {
    const {found, inUse} = await selectPrunablePreAuthKeys(api, preAuthKeySelectorOf(this.flags), this.io.now(), {
      includeInUse: Boolean(this.flags['include-in-use']),
    })
    const kept = {one: 'key that a node joined with', many: 'keys that nodes joined with'}
    this.leftAlone(inUse, kept, '--include-in-use')
    return found
  }

  protected override idOf({key}: Prunable) {
    return key.id
  }

  protected override describe({key}: Prunable) {
    return describePreAuthKey(key)
  }

  protected override async planTarget(api: ControlApi, {key, reason}: Prunable) {
    return {
      changes: [becauseOf(reason, preAuthKeyChange('delete', key))],
      apply: async () => {
        await api.preAuthKeys.delete(key)
        return key
      },
    }
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key)
  }
}
