import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {textFlag} from '../../cli/flags.ts'
import {usageError} from '../../errors.ts'
import type {Sandbox} from '../../sandbox/index.ts'

export default class SandboxStart extends OfflineCommand<typeof SandboxStart> {
  static override summary = 'Start a simulated headscale server'
  static override description =
    'Listens on a unix socket, on an address with REST and an API key, or on both, until Ctrl-C. The state is in ' +
    'memory. Tailscale clients cannot connect; "debug create-node" creates a node that waits to be registered.'
  static override examples = [
    '<%= config.bin %> sandbox start --socket /tmp/headscale.sock',
    '<%= config.bin %> sandbox start --listen 127.0.0.1:8080 --release 0.29 --seed guide',
  ]
  static override flags = {
    socket: textFlag({description: 'path of the unix socket to create', helpValue: 'PATH'}),
    listen: textFlag({description: 'address for REST; port 0 means any free port', helpValue: 'HOST:PORT'}),
    release: Flags.string({description: 'headscale release to simulate', default: '0.15', helpValue: 'RELEASE'}),
    seed: textFlag({description: 'initial state: a YAML or JSON file, or guide (built in)', helpValue: 'FILE'}),
  }

  protected override async runParsed() {
    const {socket, listen, release, seed} = this.flags
    if (socket === undefined && listen === undefined) {
      throw usageError('no address or socket to listen on', 'specify --socket PATH, --listen HOST:PORT or both')
    }
    const {loadSeed} = await import('../../sandbox/seed/seed-file.ts')
    const {startSandbox} = await import('../../sandbox/index.ts')
    const {pendingLines} = await import('../../sandbox/pending-lines.ts')
    const {parseListen} = await import('../../sandbox/listen-address.ts')
    // before the socket exists, so that no signal leaves it behind
    const stopped = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
    })
    const sandbox = await startSandbox({
      release,
      ...(socket !== undefined && {socketPath: socket}),
      ...(listen !== undefined && {listen: parseListen(listen)}),
      ...(seed !== undefined && {seed: await loadSeed(seed)}),
    })
    try {
      await this.#announce(sandbox, pendingLines(sandbox))
      await stopped
    } finally {
      await sandbox.close()
    }
  }

  /** How to reach the server: as a document on standard output with -o, else as text on standard error. */
  async #announce({release, socketPath, url, apiKey, pending}: Sandbox, pendingLines: string[]): Promise<void> {
    if (this.flags.output) {
      const document = {release, socket: socketPath, address: url, apiKey, pending}
      return this.print(
        () => '',
        () => document,
      )
    }
    this.notice(`sandbox: simulating headscale ${release} in memory; press Ctrl-C to stop`)
    if (socketPath !== null) this.notice(`  HEADSCALE_UNIX_SOCKET=${socketPath}`)
    if (url !== null) {
      this.notice(`  HEADSCALE_CLI_ADDRESS=${url}`)
      this.notice(`  HEADSCALE_CLI_API_KEY=${apiKey}`)
    }
    for (const line of pendingLines) this.notice(line)
  }
}
