import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'

export default class DerpPin extends OfflineCommand<typeof DerpPin> {
  static override summary = "Print the pin of a relay's certificate, for certname in the DERP map"
  static override description =
    'Clients from 1.84 trust a certificate with this pin and no other, whoever signed it. ' +
    'Asked over the network, the answer is as trustworthy as the way there: compare it with the file on the relay.'
  static override examples = [
    '<%= config.bin %> derp pin 203.0.113.7:443',
    '<%= config.bin %> derp pin /app/certs/203.0.113.7.crt',
  ]

  static override args = {
    target: requiredArg({description: 'HOST:PORT of a relay, or a certificate file (PEM or DER)'}),
  }
  static override flags = {
    details: Flags.boolean({description: 'also print what the certificate says'}),
    timeout: textFlag({description: 'how long to wait for the relay (default 10s)', helpValue: 'DURATION'}),
  }

  protected override async act() {
    const {describeCertificate} = await import('../../derp/cert/pin.ts')
    const {readCertificate} = await import('../../derp/cert/read-certificate.ts')
    const {pinDocument, pinReport} = await import('../../derp/cert/view.ts')
    const how = {timeout: this.flags.timeout, cwd: this.io.cwd}
    const found = describeCertificate(await readCertificate(this.args.target, how))
    if (found.certificates > 1) {
      this.warn(
        `it comes with ${found.certificates} certificates; clients that pin take one alone, so this pin would never match`,
      )
    }
    if (found.notAfter < this.io.now()) this.warn('the certificate has expired; clients refuse it, pin or not')
    await this.print(
      () => (this.flags.details ? pinReport(found) : `${found.pin}\n`),
      () => pinDocument(found),
    )
  }
}
