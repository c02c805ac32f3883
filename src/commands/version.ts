import {OfflineCommand} from '../cli/commands/base-command.ts'
import {connectionFlags} from '../cli/flags.ts'
import {serverVersion} from '../cli/server-version.ts'
import {VERSION} from '../cli/version.ts'
import type {VersionDocument} from '../render/document/schemas.ts'

export default class Version extends OfflineCommand<typeof Version> {
  static override summary = 'Show the version of headscale-ts and of the server'
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version -o json']
  static override flags = connectionFlags

  protected override async runParsed() {
    const server = await serverVersion(this.flags, this.io)
    await this.print(
      () =>
        `headscale-ts ${VERSION}\n${server ? `headscale ${server.version ?? server.releases} (${server.via})\n` : ''}`,
      (): VersionDocument => ({
        version: VERSION,
        server: server && {version: server.version, releases: server.releases, via: server.via},
      }),
    )
  }
}
