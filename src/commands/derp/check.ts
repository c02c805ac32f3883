import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listFlag, requestDebugFlag, requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpCheck extends OfflineCommand<typeof DerpCheck> {
  static override summary = 'Test relays end to end from this machine'
  static override description =
    'Checks every node of a DERP map at every address: DNS, TCP, TLS by the rules of clients, the DERP handshake up to ' +
    'admission, a packet from one client to another through the relay, STUN, and port 80 if canport80 is set. ' +
    'Relays of one region must also forward to each other.\n' +
    'Exit codes: 0 ok, 6 degraded, restricted or broken, 7 unreachable.'
  static override examples = [
    '<%= config.bin %> derp check /etc/headscale/config.yaml',
    '<%= config.bin %> derp check https://controlplane.tailscale.com/derpmap/default -o json',
    '<%= config.bin %> derp check 203.0.113.7:12345 --pin sha256-raw:<64 hex digits>',
    '<%= config.bin %> derp check derp.yaml --expect restricted',
  ]

  static override args = {
    target: requiredArg({
      description: 'a DERP map or headscale configuration (file, URL or -), or HOST:PORT of one relay',
    }),
  }
  static override flags = {
    node: listFlag({description: 'only nodes with these names', helpValue: 'NAME'}),
    expect: Flags.string({
      description: 'expected result: works for anybody, or restricted to known clients',
      helpValue: 'RESULT',
      options: ['works', 'restricted'],
      default: 'works',
    }),
    'node-key-file': textFlag({
      description:
        'private key of a node that the relay admits (privkey:... or tailscaled.state); the node must be offline',
      helpValue: 'FILE',
    }),
    'mesh-key-file': textFlag({description: 'file with the mesh key of the relay', helpValue: 'FILE'}),
    'ca-file': textFlag({description: 'PEM file with additional CA certificates to trust', helpValue: 'FILE'}),
    timeout: textFlag({description: 'timeout per step (default: 10s)', helpValue: 'DURATION'}),
    watch: Flags.boolean({description: 'repeat the check and print changes'}),
    interval: textFlag({description: 'pause between checks with --watch (default: 1m)', helpValue: 'DURATION'}),
    count: Flags.integer({description: 'stop --watch after N checks', helpValue: 'N', min: 1}),
    pin: textFlag({
      description: 'for HOST:PORT: SHA-256 of the certificate, as derp pin or openssl prints it',
      helpValue: 'sha256-raw:HEX',
    }),
    'insecure-for-tests': Flags.boolean({
      description: 'for HOST:PORT: accept any certificate, as clients with insecurefortests do',
    }),
    'stun-port': Flags.integer({
      description: 'for HOST:PORT: UDP port for STUN (default: 3478; -1: none)',
      helpValue: 'PORT',
      min: -1,
      max: 65_535,
    }),
    debug: requestDebugFlag,
  }

  protected override async runParsed(): Promise<number> {
    const {prepareCheck} = await import('../../derp/check/check-command.ts')
    const {watchMap} = await import('../../derp/check/relay/watch.ts')
    const check = await prepareCheck({...this.flags, target: this.args.target}, this.io.cwd, this.io.debug)
    for (const warning of check.warnings) this.warn(warning)
    // The line is overwritten, which needs a terminal.
    const progress = this.io.colour.err
    const onProgress = (done: number, total: number) => this.io.err(`\rchecked ${done} of ${total}`)
    const options = {...check.options, now: () => this.io.now(), ...(progress && {onProgress})}
    let status = 0
    for await (const round of watchMap(check.map, options, check.schedule)) {
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
