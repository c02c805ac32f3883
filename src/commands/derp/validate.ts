import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {findingFlags, findingStatus} from '../../cli/commands/finding-flags.ts'
import {requestDebugFlag, textFlag} from '../../cli/flags.ts'

export default class DerpValidate extends OfflineCommand<typeof DerpValidate> {
  static override summary = 'Validate a DERP map'
  static override description =
    'Reports what headscale and its clients reject, ignore or read differently. Files given together are the sources\n' +
    'of one server; with --config, the sources that its derp block names. Nothing is sent to headscale.\n\n' +
    'Exit code: 0 no errors, 6 errors.'
  static override examples = [
    '<%= config.bin %> derp validate /etc/headscale/derp.yaml',
    '<%= config.bin %> derp validate --config /etc/headscale/config.yaml --for 0.26',
    '<%= config.bin %> derp validate derp.yaml --fix',
  ]

  static override args = {
    files: Args.string({description: 'DERP maps: files, URLs, or - for stdin', multiple: true, ignoreStdin: true}),
  }
  static override flags = {
    config: textFlag({description: "headscale's config file, whose derp block names the maps", helpValue: 'FILE'}),
    for: textFlag({
      description: 'headscale release whose rules apply (default: 0.29)',
      helpValue: 'RELEASE',
      aliases: ['headscale'],
    }),
    as: Flags.string({
      description: 'read files as entries of derp.paths, which are YAML, or of derp.urls, which are JSON',
      helpValue: 'LIST',
      options: ['paths', 'urls'],
    }),
    fetch: Flags.boolean({description: 'with --config: fetch derp.urls too'}),
    fix: Flags.boolean({description: 'fix in the file what has one right answer'}),
    ...findingFlags,
    debug: requestDebugFlag,
  }

  protected override async runParsed(): Promise<number> {
    const {runValidate} = await import('../../derp/lint/validate-command.ts')
    const {countFindings} = await import('../../diagnostics/report.ts')
    const {reportDocument, reportText} = await import('../../derp/lint/report.ts')
    const report = await runValidate({...this.flags, files: this.args.files ?? []}, this.io.cwd, this.io.debug)
    for (const line of report.notes) this.notice(line)
    await this.print(
      () => reportText(report, this.flags.format),
      () => reportDocument(report),
    )
    return findingStatus(countFindings(report.findings), this.flags.strict)
  }
}
