import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpCert extends OfflineCommand<typeof DerpCert> {
  static override summary = 'Create a self-signed certificate for a relay'
  static override description =
    'Writes DIR/HOST.crt and DIR/HOST.key (mode 0600), the files that derper reads with -certmode manual, and prints the ' +
    'pin for certname in the DERP map. derper reads its certificate once: restart it. A new certificate has a new pin.'
  static override examples = [
    '<%= config.bin %> derp cert 203.0.113.7 --dir /app/certs',
    '<%= config.bin %> derp cert derp.example.com --days 90',
  ]

  static override args = {
    host: requiredArg({description: 'IP address or DNS name, as in the -hostname of derper'}),
  }
  static override flags = {
    dir: textFlag({
      description: 'directory, as in the -certdir of derper (default: the current directory)',
      helpValue: 'DIR',
    }),
    days: Flags.integer({description: 'days of validity', helpValue: 'N', default: 365, min: 1, max: 3650}),
    replace: Flags.boolean({description: 'overwrite existing files'}),
  }

  protected override async runParsed() {
    const {runCert} = await import('../../derp/cert/cert-command.ts')
    const {certificateDocument, certificateReport} = await import('../../derp/cert/view.ts')
    const {dir = '.', days, replace} = this.flags
    const created = await runCert(this.args.host, {
      dir,
      days,
      overwrite: replace,
      now: this.io.now(),
      cwd: this.io.cwd,
    })
    if (days > 398) this.warn('macOS clients and browsers reject certificates that are valid for more than 398 days')
    await this.print(
      () => certificateReport(created),
      () => certificateDocument(created),
    )
  }
}
