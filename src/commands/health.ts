import type {ControlApi, ServerFacts} from '../api/control-api.ts'
import {ControlCommand} from '../cli/commands/base-command.ts'
import {HeadscaleError} from '../errors.ts'
import type {HealthDocument} from '../render/document/schemas.ts'

export default class Health extends ControlCommand<typeof Health, boolean> {
  static override summary = 'Check that the server and its database respond'
  static override examples = ['<%= config.bin %> health', '<%= config.bin %> health -o json']

  /** It only reads, but it prints the release, which must be detected and not come from the cache. */
  protected override get reading() {
    return false
  }

  protected override async perform(api: ControlApi) {
    const healthy = await api.health()
    if (!healthy) {
      throw new HeadscaleError('failed', 'the server answers, but its database does not', {
        hint: "check the server's log",
        details: {databaseConnectivity: false},
      })
    }
    return healthy
  }

  protected override view(_healthy: boolean, {releases, version, via}: ServerFacts) {
    return `healthy: headscale ${version ?? releases} (${via})\n`
  }

  protected override document(healthy: boolean): HealthDocument {
    return {databaseConnectivity: healthy}
  }
}
