import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpCert extends OfflineCommand<typeof DerpCert> {
  static override summary = 'Make a self-signed certificate for a relay, in the files derper looks for'
  static override description =
    'Writes DIR/<host>.crt and DIR/<host>.key (0600) and prints the pin that goes into the DERP map as certname.\n' +
    'derper reads its certificate once: restart it. A new certificate has a new pin.'
  static override examples = [
    '<%= config.bin %> derp cert 203.0.113.7 --dir /app/certs',
    '<%= config.bin %> derp cert derp.example.com --days 90',
  ]

  static override args = {
    host: requiredArg({description: 'what derper gets as -hostname: an IP address or a DNS name'}),
  }
  static override flags = {
    dir: textFlag({description: "derper's -certdir (default: here)", helpValue: 'DIR'}),
    days: Flags.integer({description: 'days of validity', helpValue: 'N', default: 365, min: 1, max: 3650}),
    replace: Flags.boolean({description: 'replace files that exist'}),
  }

  protected override async act() {
    const {makeCertificate} = await import('../../derp/cert/make.ts')
    const {certificateDocument, certificateReport} = await import('../../derp/cert/view.ts')
    const {dir = '.', days, replace} = this.flags
    const made = await makeCertificate(this.args.host, {
      dir,
      days,
      overwrite: replace,
      now: this.io.now(),
      cwd: this.io.cwd,
    })
    if (days > 398) this.warn(`macOS clients and browsers refuse certificates of more than 398 days`)
    await this.print(
      () => certificateReport(made),
      () => certificateDocument(made),
    )
  }
}
