import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {expirationFlag} from '../../cli/args/expiration.ts'
import {SecretCommand} from '../../cli/commands/secret-command.ts'
import {listFlag, userFlag} from '../../cli/flags.ts'
import {joinLine} from '../../cli/output/register-line.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {preAuthKeyDocument} from '../../render/document/pre-auth-key.ts'
import {planCreatePreAuthKey} from '../../usecases/keys/create-pre-auth-key.ts'

const UNKNOWN_SERVER = 'https://headscale.example.com'

export default class PreAuthKeysCreate extends SecretCommand<typeof PreAuthKeysCreate, PreAuthKey> {
  static override summary = 'Create a pre-auth key (shown only once)'
  static override examples = [
    'KEY=$(<%= config.bin %> preauthkeys create -u default -o key)',
    '<%= config.bin %> preauthkeys create -u default --reusable --expiration 24h',
    '<%= config.bin %> preauthkeys create --tags tag:ci --ephemeral --output-file ci.key',
    '<%= config.bin %> preauthkeys create -u default --join',
  ]
  static override flags = {
    user: userFlag({
      description: 'user that will own the nodes, by name or ID; optional with --tags (headscale 0.28+)',
    }),
    reusable: Flags.boolean({description: 'allow the key to be used more than once'}),
    ephemeral: Flags.boolean({description: 'delete nodes that used the key when they go offline'}),
    expiration: expirationFlag({default: '1h'}),
    tags: listFlag({
      description: 'tags for nodes that use the key, comma-separated (headscale 0.17+)',
      helpValue: 'TAG',
      completes: 'tag',
    }),
    join: Flags.boolean({
      description: 'print the command that a client runs to join; with --output-file it reads the key from that file',
      exclusive: ['output'],
    }),
  }

  #serverUrl = UNKNOWN_SERVER

  protected override async planSecret(api: ControlApi) {
    const {user, reusable, ephemeral, expiration, tags = [], join} = this.flags
    const plan = await planCreatePreAuthKey(api, {
      user: user ?? null,
      reusable,
      ephemeral,
      expiration: new Date(this.io.now().getTime() + expiration),
      tags: [...new Set(tags.map(checkTag))],
    })
    if (!join) return plan
    const serverUrl = await this.#findServerUrl(api)
    this.#serverUrl = serverUrl ?? UNKNOWN_SERVER
    if (serverUrl !== null) return plan
    const warning = `the address of the server for clients is not known: write its server_url in place of ${UNKNOWN_SERVER}`
    return {...plan, warnings: [warning]}
  }

  protected override secret(key: PreAuthKey) {
    return key.key
  }

  protected override view(key: PreAuthKey) {
    if (!this.flags.join) return super.view(key)
    const authKey = this.path === null ? key.key : `file:${this.path}`
    return `${joinLine({serverUrl: this.#serverUrl, authKey})}\n`
  }

  protected override secretOf({id}: PreAuthKey) {
    return {what: `pre-auth key ${id}`, undo: `preauthkeys expire -i ${id}`}
  }

  protected override document(key: PreAuthKey) {
    return preAuthKeyDocument(key, {secret: this.path === null})
  }

  async #findServerUrl({server: {address, socketPath}}: ControlApi): Promise<string | null> {
    if (address !== null) return address
    const {serverUrlOf} = await import('../../config/server-url.ts')
    return serverUrlOf(socketPath, this.flags.config, this.io)
  }
}
