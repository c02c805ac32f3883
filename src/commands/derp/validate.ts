import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {textFlag} from '../../cli/flags.ts'

export default class DerpValidate extends OfflineCommand<typeof DerpValidate> {
  static override summary = 'Say what headscale and its clients would make of a DERP map'
  static override description =
    'Nothing is sent. Files given together are the sources of one server; with --config, the sources its derp block\n' +
    'names. Exit status: 0 no errors, 6 errors.'
  static override examples = [
    '<%= config.bin %> derp validate /etc/headscale/derp.yaml',
    '<%= config.bin %> derp validate --config /etc/headscale/config.yaml --for 0.26',
    '<%= config.bin %> derp validate derp.yaml --fix',
  ]

  static override args = {
    files: Args.string({description: 'DERP maps: files, URLs or -', multiple: true, ignoreStdin: true}),
  }
  static override flags = {
    config: textFlag({description: "headscale's config file, whose derp block names the maps", helpValue: 'FILE'}),
    for: textFlag({description: 'the headscale release (default 0.29)', helpValue: 'RELEASE'}),
    as: Flags.string({
      description: 'read files as an entry of derp.paths (YAML) or derp.urls (JSON)',
      options: ['paths', 'urls'],
    }),
    fetch: Flags.boolean({description: 'with --config: fetch derp.urls too'}),
    fix: Flags.boolean({description: 'repair in the file what has one right answer'}),
    format: Flags.string({description: 'how to write findings', options: ['text', 'github'], default: 'text'}),
    strict: Flags.boolean({description: 'exit with 6 on warnings too'}),
  }

  protected override async act(): Promise<number> {
    const {validatePlan} = await import('../../derp/lint/validate-command.ts')
    const {countFindings, reportDocument, reportText} = await import('../../diagnostics/report.ts')
    const report = await validatePlan({...this.flags, files: this.args.files ?? []}, this.io.cwd)
    for (const line of report.notes) this.notice(line)
    const format = this.flags.format === 'github' ? 'github' : 'text'
    await this.print(
      () => reportText(report, format),
      () => reportDocument(report),
    )
    const {errors, warnings} = countFindings(report.findings)
    return errors > 0 || (this.flags.strict && warnings > 0) ? 6 : 0
  }
}
