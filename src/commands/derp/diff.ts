import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {requestDebugFlag, requiredArg} from '../../cli/flags.ts'
import {HeadscaleError} from '../../errors.ts'

export default class DerpDiff extends OfflineCommand<typeof DerpDiff> {
  static override summary = 'Compare two DERP maps by meaning'
  static override description =
    'A map is a YAML or JSON file, a spec file, a headscale configuration, a tailnet policy, or a URL. A default value\n' +
    'that is written out makes no difference.\n\n' +
    'Exit code: 0 same, 1 different, 2 or more if a map cannot be read.'
  static override examples = [
    '<%= config.bin %> derp diff derp.yaml derp.json',
    '<%= config.bin %> derp diff derp.yaml https://example.com/derp.json -o json',
  ]

  static override args = {
    from: requiredArg({description: 'old map: a file, a URL, or - for stdin'}),
    to: requiredArg({description: 'new map'}),
  }

  static override flags = {debug: requestDebugFlag}

  protected override async runParsed(): Promise<number> {
    const {loadMap} = await import('../../derp/read/source.ts')
    const {diffMaps, diffText} = await import('../../derp/diff.ts')
    const options = {cwd: this.io.cwd, limits: {trace: this.io.debug}}
    const [from, to] = await Promise.all([loadMap(this.args.from, options), loadMap(this.args.to, options)]).catch(
      (error: unknown) => {
        // Exit code 1 means "different" and nothing else here.
        if (error instanceof HeadscaleError && error.exitCode > 1) throw error
        throw new HeadscaleError('invalid-input', error instanceof Error ? error.message : String(error), {
          cause: error,
        })
      },
    )
    const differences = diffMaps(from.map, to.map)
    await this.print(
      () => diffText(differences),
      () => differences,
    )
    return differences.length === 0 ? 0 : 1
  }
}
