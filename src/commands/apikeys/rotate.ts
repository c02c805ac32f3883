import type {ControlApi} from '../../api/control-api.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import {keyReference} from '../../cli/args/targets.ts'
import {ApiKeySecretCommand} from '../../cli/commands/api-key-secret-command.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {usageError} from '../../errors.ts'
import {describeApiKey} from '../../usecases/keys/find-api-key.ts'
import {planRotation, type Rotation} from '../../usecases/keys/rotate-api-key.ts'

export default class ApiKeysRotate extends ApiKeySecretCommand<typeof ApiKeysRotate, Rotation> {
  static override summary = 'Replace an API key: create a new one, try it, and expire the old one'
  static override description =
    'Without KEY, the key that the program itself uses is replaced. The old key is expired last, when a request with the new ' +
    'one has succeeded and its secret is printed or written: if anything fails before that, the old key stays valid. Over a ' +
    'socket, which needs no key, KEY is required, and the new key is not tried: use --address to have it tried. Files and ' +
    'variables are not changed: a note says where the new key belongs.'
  static override examples = [
    '<%= config.bin %> apikeys rotate --output-file key.new',
    '<%= config.bin %> apikeys rotate 3 --expiration 30d',
    '<%= config.bin %> apikeys rotate --prefix abcdefg --dry-run',
  ]
  static override args = {
    key: optionalArg({description: 'the old API key, by ID, in full or as a unique prefix', completes: 'api-key'}),
  }
  static override flags = {
    prefix: textFlag({
      char: 'p',
      description: 'prefix of the old key, as shown by "apikeys list"',
      helpValue: 'PREFIX',
      completes: 'api-key-prefix',
    }),
    id: textFlag({char: 'i', description: 'ID of the old key', helpValue: 'ID', completes: 'api-key'}),
    expiration: expirationFlag({default: '90d'}),
  }

  /** Null for the key in use. */
  #old: ReturnType<typeof keyReference> | null = null

  protected override runParsed(): Promise<void> {
    this.#old = this.#named()
    return super.runParsed()
  }

  protected override async planSecret(api: ControlApi) {
    const plan = await planRotation(api, {
      old: this.#old,
      expiration: new Date(this.io.now().getTime() + this.flags.expiration),
      now: this.io.now(),
      complete: this.machineOutput,
    })
    let rotation: Rotation
    return {
      ...plan,
      apply: async () => (rotation = await plan.apply()),
      afterwards: async () => {
        await plan.afterwards?.()
        this.#report(rotation, api, {expired: plan.changes.length > 1})
      },
    }
  }

  #named(): ReturnType<typeof keyReference> | null {
    const {prefix, id} = this.flags
    const {key} = this.args
    const given = [...(id === undefined ? [] : [`id:${id}`]), ...[prefix, key].filter((word) => word !== undefined)]
    if (given.length > 1) throw usageError('the API key is specified more than once', 'use one of: KEY, --id, --prefix')
    return given[0] === undefined ? null : keyReference(given[0], {kind: 'API key', verb: 'expire'})
  }

  #report({old, proven}: Rotation, api: ControlApi, {expired}: {expired: boolean}): void {
    if (!expired) this.note(`${describeApiKey(old)} was expired already`)
    else if (!this.machineOutput) this.notice(`expired ${describeApiKey(old)}`)
    if (!proven) this.note('the new API key was not tried, because a socket needs no key; with --address it is')
    const {apiKeySource} = api.server
    if (apiKeySource !== null && api.apiKeys.isInUse(old)) {
      this.note(`the old API key is used here: put the new one in its place (${apiKeySource})`)
    }
  }
}
