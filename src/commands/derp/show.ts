import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listView} from '../../cli/list-view.ts'
import {textFlag} from '../../cli/flags.ts'

export default class DerpShow extends OfflineCommand<typeof DerpShow> {
  static override summary = 'Show the DERP map that clients of a headscale configuration get'
  static override description =
    'Reads every source of the derp block, fetches its URLs, and merges them as the release at hand does it. With -o json\n' +
    'and -o yaml the map is printed as clients and derp.paths know it. A map file or URL can be shown as well.'
  static override examples = [
    '<%= config.bin %> derp show',
    '<%= config.bin %> derp show /etc/headscale/config.yaml --for 0.26 -o json',
    '<%= config.bin %> derp show https://controlplane.tailscale.com/derpmap/default',
  ]

  static override args = {
    target: Args.string({
      description: "headscale's config file (default: where headscale looks for it), or a map",
      ignoreStdin: true,
    }),
  }
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'print the map for machines',
      options: ['json', 'json-line', 'yaml'],
    }),
    for: textFlag({description: 'the headscale release (default 0.29)', helpValue: 'RELEASE'}),
    offline: Flags.boolean({description: 'do not fetch the URLs of the configuration'}),
  }

  protected override async act() {
    const {showPlan} = await import('../../derp/config/show-command.ts')
    const {mapColumns, mapRows} = await import('../../derp/map-table.ts')
    const {renderYaml, toJson} = await import('../../derp/render/map-text.ts')
    const {map, origins, warnings} = await showPlan(
      {target: this.args.target, release: this.flags.for, offline: this.flags.offline},
      this.io,
    )
    for (const warning of warnings) this.warn(`${warning}`)
    if (this.flags.output === 'yaml') return this.io.out(renderYaml(map))
    return this.print(
      () => listView(mapColumns, mapRows(map, origins), this.io),
      () => toJson(map),
    )
  }
}
