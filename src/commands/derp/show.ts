import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listView} from '../../cli/output/list-view.ts'
import {requestDebugFlag, textFlag} from '../../cli/flags.ts'

export default class DerpShow extends OfflineCommand<typeof DerpShow> {
  static override summary = 'Show the DERP map that clients of a headscale configuration get'
  static override description =
    'Reads every source of the derp block, fetches its URLs, and merges them as the headscale release does. -o json\n' +
    'prints the map as clients get it, -o yaml as a file for derp.paths. Shows a map file or URL as well.'
  static override examples = [
    '<%= config.bin %> derp show',
    '<%= config.bin %> derp show /etc/headscale/config.yaml --for 0.26 -o json',
    '<%= config.bin %> derp show https://controlplane.tailscale.com/derpmap/default',
  ]

  static override args = {
    target: Args.string({
      description: "headscale's config file (default: its usual location), or a map",
      ignoreStdin: true,
    }),
  }
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'output format',
      options: ['json', 'json-line', 'yaml'],
    }),
    for: textFlag({
      description: 'headscale release whose rules apply (default: 0.29)',
      helpValue: 'RELEASE',
      aliases: ['headscale'],
    }),
    offline: Flags.boolean({description: 'do not fetch derp.urls'}),
    debug: requestDebugFlag,
  }

  protected override async runParsed() {
    const {runShow} = await import('../../derp/config/show-command.ts')
    const {mapColumns, mapRows} = await import('../../derp/map-table.ts')
    const {findingLine} = await import('../../diagnostics/report.ts')
    const {renderYaml, toJson} = await import('../../derp/render/map-text.ts')
    const {map, origins, warnings, findings} = await runShow(
      {target: this.args.target, release: this.flags.for, offline: this.flags.offline},
      this.io,
    )
    for (const warning of [...warnings, ...findings.map(findingLine)]) this.warn(warning)
    if (this.flags.output === 'yaml') return this.io.out(renderYaml(map))
    return this.print(
      () => listView(mapColumns, mapRows(map, origins), this.io),
      () => toJson(map),
    )
  }
}
