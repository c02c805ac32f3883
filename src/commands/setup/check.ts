import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {confirm} from '../../cli/commands/confirm.ts'
import {findingFlags, findingStatus} from '../../cli/commands/finding-flags.ts'
import {confirmationFlags, listFlag, optionalArg, textFlag} from '../../cli/flags.ts'

export default class SetupCheck extends OfflineCommand<typeof SetupCheck> {
  static override summary = "Check headscale's config file"
  static override description =
    'Reports unknown, renamed and removed keys, values of the wrong type, what stops the server, and what lets it start\n' +
    'and fail later. Works offline; map files and the policy that the file names are read. HEADSCALE_* variables count.\n\n' +
    'Exit code: 0 no errors, 6 errors.'
  static override examples = [
    '<%= config.bin %> setup check',
    '<%= config.bin %> setup check /etc/headscale/config.yaml --for 0.28',
    '<%= config.bin %> setup check config.yaml --with headscale.service --with nginx.conf',
    '<%= config.bin %> setup check config.yaml --for 0.29 --fix',
  ]

  static override args = {
    config: optionalArg({description: 'config file, or - for stdin (default: where headscale looks for it)'}),
  }
  static override flags = {
    ...confirmationFlags,
    for: textFlag({description: 'headscale release whose rules apply (default 0.29)', helpValue: 'RELEASE'}),
    'env-file': textFlag({
      description: 'file with the environment of the server (default: the variables of this shell)',
      helpValue: 'FILE',
    }),
    with: listFlag({
      description: 'check these too: nginx or Caddy configuration, systemd unit, compose file',
      helpValue: 'FILE',
    }),
    installed: Flags.boolean({
      description: 'the server runs here, so report missing files (default: true in /etc/headscale)',
      allowNo: true,
    }),
    fix: Flags.boolean({description: 'rename keys in the file; shows the difference and asks'}),
    'dry-run': Flags.boolean({description: 'with --fix: show the difference and write nothing', dependsOn: ['fix']}),
    ...findingFlags,
  }

  protected override async runParsed(): Promise<number> {
    const {runCheck} = await import('../../setup/check/check-command.ts')
    const {countFindings} = await import('../../diagnostics/report.ts')
    const {reportDocument, reportText} = await import('../../setup/check/report.ts')
    const {for: release, 'env-file': envFile, installed, with: beside, fix} = this.flags
    const result = await runCheck({config: this.args.config, release, envFile, installed, with: beside, fix}, this.io)
    if (result.fix) {
      const {renamed, diff, write} = result.fix
      const what = `${renamed.length} key${renamed.length === 1 ? '' : 's'} in ${result.report.file}`
      this.notice(diff.trimEnd())
      if (this.flags['dry-run']) this.notice(`would rename ${what}`)
      else {
        if (!this.flags.force) await confirm(this.io, `Rename ${what}?`)
        await write()
        this.notice(`renamed ${what}`)
      }
    } else if (fix) this.note('no key can be renamed')
    const report = result.fix?.report ?? result.report
    await this.print(
      () => reportText(report, this.flags.format),
      () => reportDocument(report),
    )
    return findingStatus(countFindings(report.findings), this.flags.strict)
  }
}
