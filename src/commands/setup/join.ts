import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {optionalExpirationFlag} from '../../cli/args/expiration.ts'
import {joinRequest, type JoinRequest} from '../../cli/args/join-request.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {listFlag, offering, textFlag, userFlag} from '../../cli/flags.ts'
import {loginServer, parseServerUrl} from '../../cli/login-server.ts'
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {usageError} from '../../errors.ts'
import {joinDocument} from '../../render/document/join.ts'
import {joinLines, nextSteps, type NextStep} from '../../setup/join/join.ts'
import {type JoinOptions, type Platform, PLATFORMS} from '../../setup/join/options.ts'
import {isLoopback} from '../../system/addresses.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {planCreatePreAuthKey} from '../../usecases/keys/create-pre-auth-key.ts'

/** In place of a key that a dry run does not create. */
const NO_KEY = 'PRE-AUTH-KEY'

interface Joining {
  platform: Platform
  options: JoinOptions
  key: PreAuthKey | null
  lines: string[]
  next: NextStep[]
}

export default class SetupJoin extends ChangeCommand<typeof SetupJoin, Joining> {
  static override summary = 'Print what to type on a new node so that it joins'
  static override description =
    'With --user or --tag, creates a pre-auth key and puts it into the lines; without them, the node is registered\n' +
    'afterwards. Standard output has only the lines for the node, so that they can be run as they are. --dry-run creates no\n' +
    'key and shows the lines on standard error.'
  static override examples = [
    '<%= config.bin %> setup join --user default',
    '<%= config.bin %> setup join --user default | ssh host.example.com sudo sh',
    '<%= config.bin %> setup join --user default --hostname router --subnet 192.168.100.0/24',
    '<%= config.bin %> setup join --on android --user default --qr',
    '<%= config.bin %> setup join --on docker --tag tag:ci --ephemeral',
  ]
  static override flags = {
    on: offering(
      textFlag({description: `system of the node: ${PLATFORMS.join(', ')} (default: linux)`, helpValue: 'SYSTEM'}),
      PLATFORMS,
    ),
    user: userFlag({description: 'create a pre-auth key of this user, by name or ID'}),
    tag: listFlag({
      char: 't',
      description: 'create a pre-auth key with these tags (headscale 0.17+; without --user 0.28+)',
      helpValue: 'TAG',
      completes: 'tag',
    }),
    reusable: Flags.boolean({description: 'allow the key to be used more than once'}),
    ephemeral: Flags.boolean({description: 'delete the node when it goes offline'}),
    expiration: optionalExpirationFlag({description: 'lifetime of the key (default: 1h)'}),
    hostname: textFlag({description: 'name of the node (default: its host name)', helpValue: 'NAME'}),
    subnet: listFlag({
      description: 'the node gives others access to this network (repeatable)',
      helpValue: 'CIDR',
    }),
    'exit-node': Flags.boolean({description: 'the node can be an exit node'}),
    'accept-routes': Flags.boolean({
      description: 'use routes of other nodes (default: true)',
      allowNo: true,
    }),
    'accept-dns': Flags.boolean({
      description: 'use the DNS settings of the server (default: as the client decides)',
      allowNo: true,
    }),
    'server-url': textFlag({
      description:
        "URL that clients use (default: server_url in the server's config file, or the address of its REST API)",
      helpValue: 'URL',
    }),
    qr: Flags.boolean({description: 'show the URL, and the key, as QR codes too (on a terminal)'}),
  }

  private request!: JoinRequest
  private serverUrl: string | undefined
  private capabilities!: ServerFacts['capabilities']

  protected override async runParsed(): Promise<void> {
    const {'server-url': url, qr} = this.flags
    this.request = joinRequest(this.flags)
    this.serverUrl = url && parseServerUrl(url)
    if (qr && !this.io.outIsTerminal)
      throw usageError('--qr needs a terminal', 'leave it out to write to a file or a pipe')
    return super.runParsed()
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Joining>> {
    const {key} = this.request
    this.capabilities = api.server.capabilities
    if (key !== null && key.tags.length > 0) api.requireReported('pre-auth-key-tags', '--tag')
    this.serverUrl = await loginServer(api.server, {given: this.serverUrl, config: this.flags.config}, this.io)
    const warnings = isLoopback(new URL(this.serverUrl).hostname)
      ? [`${this.serverUrl} is the node itself for every other machine: pass --server-url`]
      : []
    if (key === null) return {changes: [], warnings, apply: async () => this.joining(null)}
    const {lifetimeMs, ...wanted} = key
    const expiration = new Date(this.io.now().getTime() + lifetimeMs)
    const {changes, apply} = await planCreatePreAuthKey(api, {...wanted, expiration})
    return {changes, warnings, apply: async () => this.joining(await apply())}
  }

  protected override view({lines}: Joining) {
    return textOf(lines)
  }

  protected override document({platform, options, key, lines, next}: Joining) {
    return joinDocument({...options, platform, key, lines, next: next.map(({command}) => command)})
  }

  protected override secretOf({key}: Joining) {
    return key && {what: `pre-auth key ${key.id}`, undo: `preauthkeys expire -i ${key.id}`}
  }

  protected override async deliver(joining: Joining, server: ServerFacts): Promise<void> {
    await super.deliver(joining, server)
    if (this.machineOutput) return
    if (this.flags.qr) await this.printCodes(joining.options)
    for (const {when, command} of joining.next) this.note(`${when}: ${command}`)
  }

  protected override async preview(plan: ChangePlan<Joining>): Promise<void> {
    await super.preview(plan)
    if (!this.machineOutput) for (const line of this.joining(null).lines) this.notice(line)
  }

  /** @param created null for a node that is registered afterwards, and in a dry run */
  private joining(created: PreAuthKey | null): Joining {
    const {platform, key, node} = this.request
    const {minimumClient, registrationKeys} = this.capabilities
    const authKey = created?.key ?? (key === null ? null : NO_KEY)
    const options = {...node, serverUrl: this.serverUrl!, authKey, minimumClient}
    const registers = registrationKeys[0] === 'auth-id' ? 'auth register' : 'nodes register'
    return {
      ...{platform, options, key: created},
      lines: joinLines(platform, options),
      next: nextSteps(options, {registers}),
    }
  }

  private async printCodes({serverUrl, authKey}: JoinOptions): Promise<void> {
    const {qrLines} = await import('../../render/qr/print.ts')
    const codes = [
      {what: 'URL of the server', text: serverUrl},
      ...(authKey === null ? [] : [{what: 'pre-auth key', text: authKey}]),
    ]
    for (const {what, text} of codes) {
      const lines = qrLines(text, {colour: this.io.colour.out})
      if (lines === null) this.note(`the ${what} is too long for a QR code on a terminal`)
      else await this.io.out(`\nThe ${what}:\n${textOf(lines)}`)
    }
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
