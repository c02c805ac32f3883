import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {textFlag} from '../../cli/flags.ts'
import type {Io} from '../../cli/io/io.ts'
import {usageError} from '../../errors.ts'

export default class SandboxRun extends OfflineCommand<typeof SandboxRun> {
  static override summary = 'Run a command against a simulated headscale server'
  static override description =
    'The command finds the server through HEADSCALE_CONFIG and HEADSCALE_UNIX_SOCKET, or with --rest through ' +
    "HEADSCALE_CLI_ADDRESS and HEADSCALE_CLI_API_KEY; so does headscale's own command line. The server is removed " +
    'when the command ends. The exit code is that of the command.'
  static override usage = 'sandbox run [--release RELEASE] [--rest] [--seed FILE] -- COMMAND [ARGUMENT…]'
  static override examples = [
    '<%= config.bin %> sandbox run -- headscale-ts namespaces create default',
    '<%= config.bin %> sandbox run --release 0.29 --seed tailnet.yaml -- ./my-script.sh',
  ]
  static override flags = {
    release: Flags.string({description: 'headscale release to simulate', default: '0.15', helpValue: 'RELEASE'}),
    rest: Flags.boolean({description: 'use an address and an API key instead of a socket'}),
    seed: textFlag({description: 'initial state: a YAML or JSON file, or guide (built in)', helpValue: 'FILE'}),
  }

  #command: string[] = []

  /** Everything after `--` belongs to the command, flags too. */
  override async execute(io: Io, invokedAs: string[]): Promise<number> {
    const end = this.argv.indexOf('--')
    if (end >= 0) {
      this.#command = this.argv.slice(end + 1)
      this.argv = this.argv.slice(0, end)
    }
    return super.execute(io, invokedAs)
  }

  protected override async runParsed() {
    if (this.#command.length === 0) {
      throw usageError(
        'no command to run in the sandbox',
        'put it after --, as in: headscale-ts sandbox run -- ./my-script.sh',
      )
    }
    const {loadSeed} = await import('../../sandbox/seed/seed-file.ts')
    const {pendingLines} = await import('../../sandbox/pending-lines.ts')
    const {runInSandbox} = await import('../../sandbox/run.ts')
    const outcome = await runInSandbox({
      release: this.flags.release,
      rest: this.flags.rest,
      seed: this.flags.seed === undefined ? {} : await loadSeed(this.flags.seed),
      command: this.#command,
      env: this.io.env,
      started: (sandbox) => {
        this.notice(`sandbox: simulating headscale ${sandbox.release} in memory for this command`)
        for (const line of pendingLines(sandbox)) this.notice(line)
      },
    })
    if ('reason' in outcome) this.notice(`sandbox: ${outcome.reason}`)
    return outcome.status
  }
}
