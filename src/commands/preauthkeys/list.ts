import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {preAuthKeySelectorFlags, preAuthKeySelectorOf} from '../../cli/args/selectors.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {warnOfKeys} from '../../cli/output/key-warnings.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeys, SHOWN_PRE_AUTH_KEYS} from '../../render/columns/keys.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {listPreAuthKeys} from '../../usecases/keys/list-pre-auth-keys.ts'

export default class PreAuthKeysList extends ListCommand<typeof PreAuthKeysList, PreAuthKey> {
  static override summary = 'List pre-auth keys'
  static override examples = [
    '<%= config.bin %> preauthkeys list',
    '<%= config.bin %> preauthkeys list --user default --show-keys',
    '<%= config.bin %> preauthkeys list --used --older-than 90d',
  ]
  static override flags = {
    ...preAuthKeySelectorFlags,
    'show-keys': Flags.boolean({description: 'show full keys (headscale up to 0.27)'}),
  }

  override get list() {
    return preAuthKeys({showKeys: this.flags?.['show-keys'] === true})
  }

  protected override async fetch(api: ControlApi) {
    const selector = preAuthKeySelectorOf(this.flags)
    const {found, unlisted, useUnknown} = await listPreAuthKeys(api, {selector, now: this.io.now()})
    warnOfKeys(this.io, {unlisted, useUnknown})
    return found.map(({key}) => key)
  }

  protected override shown() {
    return SHOWN_PRE_AUTH_KEYS
  }

  protected override item(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: this.flags['show-keys']})
  }
}
