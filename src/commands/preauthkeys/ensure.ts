import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {expirationFlag, validForFlag} from '../../cli/args/expiration.ts'
import {EnsureCommand} from '../../cli/commands/ensure-command.ts'
import {listFlag, userFlag} from '../../cli/flags.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import type {Ensured} from '../../usecases/ensured.ts'
import {planEnsurePreAuthKey} from '../../usecases/keys/ensure-pre-auth-key.ts'
import {describePreAuthKey} from '../../usecases/keys/find-pre-auth-key.ts'

const DEFAULT_VALID_FOR_MS = 3_600_000

export default class PreAuthKeysEnsure extends EnsureCommand<typeof PreAuthKeysEnsure, PreAuthKey> {
  static override summary = 'Create a reusable pre-auth key unless a valid one exists'
  static override description =
    'Prints the key on standard output, and on standard error whether it was created. Servers since headscale 0.28 return a ' +
    'key only when it is created; then nothing is printed on standard output for a key that exists. Exit code 0 in all ' +
    'these cases.'
  static override examples = [
    'KEY=$(<%= config.bin %> preauthkeys ensure -u ci)',
    '<%= config.bin %> preauthkeys ensure -u ci --ephemeral --tags tag:ci --valid-for 7d',
  ]
  static override flags = {
    user: userFlag({
      description: 'user that will own the nodes, by name or ID; optional with --tags (headscale 0.28+)',
    }),
    ephemeral: Flags.boolean({description: 'key for nodes that are deleted when they go offline'}),
    tags: listFlag({
      description: 'exactly these tags for nodes that use the key, comma-separated (headscale 0.17+)',
      helpValue: 'TAG',
      completes: 'tag',
    }),
    'valid-for': validForFlag({description: 'how long an existing key must still be valid (default: 1h)'}),
    expiration: expirationFlag({default: '90d'}),
  }

  protected override async plan(api: ControlApi) {
    const {user, ephemeral, expiration, tags = [], 'valid-for': validFor = DEFAULT_VALID_FOR_MS} = this.flags
    if (validFor >= expiration) {
      throw usageError('--valid-for is not shorter than --expiration', 'otherwise every run would create another key')
    }
    if (user === undefined && (tags.length === 0 || !api.server.capabilities.preAuthKeysHaveIds)) {
      throw usageError('no user given', 'use -u USER; on headscale 0.28 and later --tags is enough')
    }
    const from = this.io.now().getTime()
    return planEnsurePreAuthKey(api, {
      user: user ?? null,
      ephemeral: ephemeral === true,
      expiration: new Date(from + expiration),
      validUntil: new Date(from + validFor),
      tags: [...new Set(tags.map(checkTag))],
    })
  }

  /** Like `preauthkeys create`, so that a script can take the key from standard output. */
  protected override view(ensured: Ensured<PreAuthKey>) {
    this.notice(this.sentence(ensured))
    return this.secretOrWarning(ensured.object) ? `${ensured.object.key}\n` : ''
  }

  protected override describe(key: PreAuthKey) {
    return describePreAuthKey(key)
  }

  protected override objectDocument(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: this.secretOrWarning(key)})
  }

  protected override secretOf({outcome, object: {id}}: Ensured<PreAuthKey>) {
    return outcome === 'created' ? {what: `pre-auth key ${id}`, undo: `preauthkeys expire -i ${id}`} : null
  }

  /** @returns whether the complete key is known */
  private secretOrWarning({id, key}: PreAuthKey): boolean {
    if (!key.endsWith('***')) return true
    this.warn(
      `this server returns a key only when it is created, so it cannot be printed: use the copy that you kept, or expire ` +
        `it and run this again: headscale-ts preauthkeys expire -i ${id}`,
    )
    return false
  }
}
