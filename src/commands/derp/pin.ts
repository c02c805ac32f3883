import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpPin extends OfflineCommand<typeof DerpPin> {
  static override summary = 'Print the pin of a certificate, for certname in a DERP map'
  static override description =
    'Clients from 1.84 accept only the certificate with this pin and do not check who signed it. A pin that is fetched from a ' +
    'relay is as trustworthy as the connection: compare it with the file on the relay.'
  static override examples = [
    '<%= config.bin %> derp pin 203.0.113.7:443',
    '<%= config.bin %> derp pin /app/certs/203.0.113.7.crt',
  ]

  static override args = {
    target: requiredArg({description: 'HOST:PORT of a relay, or a certificate file (PEM or DER)'}),
  }
  static override flags = {
    details: Flags.boolean({description: 'also print subject, names and validity'}),
    timeout: textFlag({description: 'timeout for the relay (default: 10s)', helpValue: 'DURATION'}),
  }

  protected override async runParsed() {
    const {describeCertificate} = await import('../../derp/cert/pin.ts')
    const {readCertificate} = await import('../../derp/cert/read-certificate.ts')
    const {pinDocument, pinReport} = await import('../../derp/cert/view.ts')
    const options = {timeout: this.flags.timeout, cwd: this.io.cwd}
    const found = describeCertificate(await readCertificate(this.args.target, options))
    if (found.certificates > 1) {
      this.warn(
        `the chain has ${found.certificates} certificates, and clients accept a pin for a single one: this pin never matches`,
      )
    }
    if (found.notAfter < this.io.now()) this.warn('the certificate has expired: clients reject it, pinned or not')
    await this.print(
      () => (this.flags.details ? pinReport(found) : `${found.pin}\n`),
      () => pinDocument(found),
    )
  }
}
