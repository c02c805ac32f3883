import * as Args from '@oclif/core/args'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {configuredPolicyRelease} from '../../cli/commands/policy-release.ts'
import {requiredArg, requiredTextFlag, textFlag} from '../../cli/flags.ts'
import type {CompiledPolicyDocument} from '../../policy/schemas.ts'

export default class PolicyCompile extends ServerCommand<typeof PolicyCompile> {
  static override summary = 'Print the rules that nodes get from a policy'
  static override description =
    'Prints packet filter and SSH rules as headscale 0.23 and later send them to each node: reduced to what concerns its ' +
    "own addresses and routes, in Tailscale's own form. Users and nodes come from a tailnet file, the seed of a sandbox. " +
    'The rules are those of the release of the configured server, which is asked for nothing else, or of --for.'
  static override examples = [
    '<%= config.bin %> policy compile policy.hujson --tailnet tailnet.yaml',
    '<%= config.bin %> policy compile policy.hujson router --tailnet tailnet.yaml',
    '<%= config.bin %> policy compile policy.hujson --tailnet tailnet.yaml --for 0.26',
  ]
  static override args = {
    file: requiredArg({description: 'policy file, or - for standard input'}),
    nodes: Args.string({description: 'names of nodes (default: all)', multiple: true, ignoreStdin: true}),
  }
  static override flags = {
    tailnet: requiredTextFlag({description: 'users and nodes: a seed of the sandbox', helpValue: 'FILE'}),
    for: textFlag({
      description: 'headscale release, 0.23 to 0.30 (default: that of the configured server, else 0.29)',
      helpValue: 'RELEASE',
    }),
  }

  protected override async runParsed(): Promise<void> {
    const {compileForNodes} = await import('../../usecases/policy/compile-policy.ts')
    const {file, nodes = []} = this.args
    const {tailnet} = this.flags
    const text = await readTextFile(file, {keepMark: true})
    const release = this.flags.for ?? (await configuredPolicyRelease(this.flags, this.io, {toCompile: true}))
    const compiled: CompiledPolicyDocument = await compileForNodes(
      {text, file: file === '-' ? '<stdin>' : file},
      {
        release,
        names: nodes,
        tailnet: async () => (await import('../../sandbox/seed/seed-tailnet.ts')).readSeedTailnet(tailnet),
      },
    )
    const {formatDocument} = await import('../../render/document/format.ts')
    await this.print(
      () => formatDocument(compiled, 'json'),
      () => compiled,
    )
  }
}
