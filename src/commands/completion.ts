import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../cli/commands/base-command.ts'
import {quoted} from '../cli/args/quoted.ts'
import {requiredArg} from '../cli/flags.ts'
import {usageError} from '../errors.ts'

export default class Completion extends OfflineCommand<typeof Completion> {
  static override summary = 'Print the completion script for a shell'
  static override description =
    'To load completions in every session, add the line from the examples to ' +
    '~/.bashrc, ~/.zshrc (after compinit), ~/.config/fish/config.fish or the PowerShell profile. Users, nodes, tags, routes ' +
    'and keys are read from the server that the typed line, the environment or the configuration names; see ' +
    '"help environment".'
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish | source',
    '<%= config.bin %> completion powershell | Out-String | Invoke-Expression',
  ]
  static override args = {shell: requiredArg({description: 'bash, zsh, fish or powershell'})}
  static override flags = {
    'no-descriptions': Flags.boolean({
      hidden: true,
      description: "accepted for compatibility with headscale's own command line",
    }),
  }

  protected override async runParsed() {
    const {completionScript, SHELLS} = await import('../cli/completion/index.ts')
    const script = completionScript(this.args.shell)
    if (script === null)
      throw usageError(`unknown shell ${quoted(this.args.shell)}`, `expected one of: ${SHELLS.join(', ')}`)
    await this.io.out(script)
  }
}
