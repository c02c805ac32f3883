import {ServerCommand} from '../cli/commands/base-command.ts'
import {warnOfKeys} from '../cli/output/key-warnings.ts'
import {outputFileFlag, writeOutputFile, writtenText} from '../cli/output/output-file.ts'
import {VERSION} from '../cli/version.ts'
import {metricDocument} from '../render/document/metric.ts'
import {expositionText} from '../render/metrics/exposition.ts'
import {tailnetMetrics} from '../render/metrics/tailnet.ts'
import {readTailnet} from '../usecases/read-tailnet.ts'

export default class Metrics extends ServerCommand<typeof Metrics> {
  static override summary = 'Print metrics of users, nodes, routes and keys for Prometheus'
  static override description =
    'Reads the server once and prints its state in the text format of Prometheus. With --output-file it is a file for the ' +
    'textfile collector of node_exporter, whose name must end in .prom. What a release does not report is left out. No ' +
    'label contains a key.'
  static override examples = [
    '<%= config.bin %> metrics',
    '<%= config.bin %> metrics --output-file /var/lib/node_exporter/headscale.prom',
    '<%= config.bin %> nodes watch --exec headscale-ts -- metrics --output-file /var/lib/node_exporter/headscale.prom',
  ]
  static override flags = {
    'output-file': outputFileFlag('write to this file instead of standard output, atomically'),
  }

  protected override async runParsed(): Promise<void> {
    const {'output-file': file} = this.flags
    const {result, server} = await this.onServer({reading: true}, (api) => readTailnet(api, this.io.now()))
    const {unlisted, ...tailnet} = result
    warnOfKeys(this.io, {unlisted, useUnknown: 0})
    const {releases, version, capabilities} = server
    const {reportsOnline, nodeTags} = capabilities
    const metrics = tailnetMetrics(
      {
        ...tailnet,
        hasAllPreAuthKeys: unlisted.length === 0,
        server: {releases, version, reportsOnline, nodeTags},
      },
      VERSION,
    )
    if (file === undefined) {
      return this.print(
        () => expositionText(metrics),
        () => metrics.map(metricDocument),
      )
    }
    // Always written: Prometheus sees by the time of the file that the values are new.
    const written = await writeOutputFile(file, expositionText(metrics), this.io.cwd, {always: true})
    const samples = metrics.reduce((sum, metric) => sum + metric.samples.length, 0)
    await this.print(
      () => writtenText(written, `${samples} samples`),
      () => written,
    )
  }
}
