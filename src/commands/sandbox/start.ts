import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {textFlag} from '../../cli/flags.ts'
import {usageError} from '../../errors.ts'

export default class SandboxStart extends OfflineCommand<typeof SandboxStart> {
  static override summary = 'Start a simulated headscale and keep it until Ctrl-C'
  static override description =
    'Listens on a unix socket, with REST and an API key on an address, or both, over one tailnet in memory. Clients cannot\n' +
    'connect to it; "debug create-node" makes a node ask to join.'
  static override examples = [
    '<%= config.bin %> sandbox start --socket /tmp/headscale.sock',
    '<%= config.bin %> sandbox start --listen 127.0.0.1:8080 --release 0.29 --seed guide',
  ]
  static override flags = {
    socket: textFlag({description: 'path of the unix socket to make', helpValue: 'PATH'}),
    listen: textFlag({description: 'address for REST; port 0 is any free one', helpValue: 'HOST:PORT'}),
    release: Flags.string({description: 'headscale release to be', default: '0.15', helpValue: 'RELEASE'}),
    seed: textFlag({description: 'what the tailnet holds at the start, or the word guide', helpValue: 'FILE'}),
  }

  protected override async act() {
    const {socket, listen, release, seed} = this.flags
    if (socket === undefined && listen === undefined) {
      throw usageError('nowhere to listen', 'give --socket PATH, --listen HOST:PORT or both')
    }
    const {loadSeed} = await import('../../sandbox/seed/seed-file.ts')
    const {startSandbox} = await import('../../sandbox/index.ts')
    const {pendingLines} = await import('../../sandbox/pending-lines.ts')
    const {parseListen} = await import('../../sandbox/listen-address.ts')
    const sandbox = await startSandbox({
      release,
      ...(socket !== undefined && {socketPath: socket}),
      ...(listen !== undefined && {listen: parseListen(listen)}),
      ...(seed !== undefined && {seed: await loadSeed(seed)}),
    })
    const ended = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
    })
    this.notice(`sandbox: simulating headscale ${sandbox.release} in memory; press Ctrl-C to stop`)
    if (sandbox.socketPath !== null) this.notice(`  HEADSCALE_UNIX_SOCKET=${sandbox.socketPath}`)
    if (sandbox.url !== null) {
      this.notice(`  HEADSCALE_CLI_ADDRESS=${sandbox.url}`)
      this.notice(`  HEADSCALE_CLI_API_KEY=${sandbox.apiKey}`)
    }
    for (const line of pendingLines(sandbox)) this.notice(line)
    if (this.flags.output) {
      const {socketPath, url, apiKey, pending} = sandbox
      await this.print(
        () => '',
        () => ({release: sandbox.release, socket: socketPath, address: url, apiKey, pending}),
      )
    }
    await ended
    await sandbox.close()
  }
}
