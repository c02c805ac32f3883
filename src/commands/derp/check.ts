import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listFlag, requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpCheck extends OfflineCommand<typeof DerpCheck> {
  static override summary = 'Prove from here that relays forward packets'
  static override description =
    'Asks every node of a DERP map at every address: DNS, TCP, TLS by the rules clients follow, the DERP handshake up ' +
    'to admission, a packet from one client to another through the relay, STUN, and port 80 where the map promises it. ' +
    'Relays of one region must also forward to one another.\n' +
    'Exit status: 0 all is well, 6 something is degraded or broken, 7 nothing can be reached.'
  static override examples = [
    '<%= config.bin %> derp check /etc/headscale/config.yaml',
    '<%= config.bin %> derp check https://controlplane.tailscale.com/derpmap/default -o json',
    '<%= config.bin %> derp check 203.0.113.7:12345 --pin sha256-raw:<64 hex digits>',
    '<%= config.bin %> derp check derp.yaml --expect restricted',
  ]

  static override args = {
    target: requiredArg({description: "a DERP map or headscale's config (file, URL or -), or HOST:PORT of one relay"}),
  }
  static override flags = {
    node: listFlag({description: 'only nodes of these names', helpValue: 'NAME'}),
    expect: Flags.string({
      description: 'what is well: that it works for anybody, or that it admits its own clients only',
      options: ['works', 'restricted'],
      default: 'works',
    }),
    'node-key-file': textFlag({
      description:
        'private key of a node the relay admits (privkey:... or tailscaled.state); the node itself must be off',
      helpValue: 'FILE',
    }),
    'mesh-key-file': textFlag({description: "the file of derper's -mesh-psk-file", helpValue: 'FILE'}),
    'ca-file': textFlag({description: 'PEM file of more certificates to trust', helpValue: 'FILE'}),
    timeout: textFlag({description: 'how long to wait for each answer (default 10s)', helpValue: 'DURATION'}),
    watch: Flags.boolean({description: 'check again and again, and print what changes'}),
    interval: textFlag({description: 'pause between two rounds of --watch (default 1m)', helpValue: 'DURATION'}),
    count: Flags.integer({description: 'end --watch after so many rounds', helpValue: 'N', min: 1}),
    pin: textFlag({description: 'for HOST:PORT: the pin (certname)', helpValue: 'sha256-raw:HEX'}),
    'insecure-for-tests': Flags.boolean({description: 'for HOST:PORT: clients take any certificate'}),
    'stun-port': Flags.integer({
      description: 'for HOST:PORT: the STUN port (default 3478; -1: none)',
      helpValue: 'PORT',
      min: -1,
      max: 65_535,
    }),
  }

  protected override async act(): Promise<number> {
    const {planCheck} = await import('../../derp/check/check-command.ts')
    const {watchMap} = await import('../../derp/check/relay/watch.ts')
    const plan = await planCheck({...this.flags, target: this.args.target}, this.io.cwd)
    for (const warning of plan.warnings) this.warn(`${warning}`)
    // the line is written over and over, which only a terminal that obeys control sequences shows well
    const progress = this.io.colour.err
    const onProgress = (done: number, total: number) => this.io.err(`\rchecked ${done} of ${total}`)
    const options = {...plan.options, now: () => this.io.now(), ...(progress && {onProgress})}
    let status = 0
    for await (const round of watchMap(plan.map, options, plan.schedule)) {
      if (progress) this.io.err('\r\u001b[K')
      status = await this.show(round)
    }
    return status
  }

  private async show({result, changes}: import('../../derp/check/relay/watch.ts').Round): Promise<number> {
    const {checkExitCode} = await import('../../derp/check/result.ts')
    const {checkReport, roundReport} = await import('../../derp/check/output/check-report.ts')
    const {checkDocument} = await import('../../derp/check/output/document.ts')
    const {colourPainter} = await import('../../render/style.ts')
    const paint = this.io.colour.out ? colourPainter() : (_: string, text: string) => text
    await this.print(
      async () => [await (changes === null ? checkReport(result, paint) : roundReport(result, changes, paint))],
      () => checkDocument(result),
    )
    return checkExitCode(result.health)
  }
}
