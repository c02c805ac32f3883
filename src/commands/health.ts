import type {ControlApi, ServerFacts} from '../api/control-api.ts'
import {timeFlag} from '../cli/args/wait-flags.ts'
import {WaitCommand} from '../cli/commands/wait-command.ts'
import {HeadscaleError} from '../errors.ts'
import type {HealthDocument} from '../render/document/schemas.ts'

const NO_DATABASE = 'the server answers, but its database does not'

export default class Health extends WaitCommand<typeof Health> {
  static override summary = 'Check that the server and its database respond'
  static override examples = [
    '<%= config.bin %> health',
    '<%= config.bin %> health --wait 60s',
    '<%= config.bin %> health -o json',
  ]
  static override flags = {
    wait: timeFlag({description: 'wait up to this long until the server and its database respond'}),
  }

  protected override async runParsed(): Promise<void> {
    const {wait, timeout} = this.flags
    // It only reads, but it prints the release, which must be detected and not come from the cache.
    const {server} =
      wait === undefined
        ? await this.onServer({reading: false}, checkHealth)
        : await this.waitFor(async (api) => ((await api.health()) ? {done: true} : {pending: NO_DATABASE}), {
            timeoutMs: wait,
            requestTimeout: timeout,
            detect: true,
            hint: "check the server's log",
          })
    await this.print(
      () => view(server),
      (): HealthDocument => ({databaseConnectivity: true}),
    )
  }
}

async function checkHealth(api: ControlApi): Promise<void> {
  if (await api.health()) return
  throw new HeadscaleError('failed', NO_DATABASE, {
    hint: "check the server's log",
    details: {databaseConnectivity: false},
  })
}

function view({releases, version, via}: ServerFacts): string {
  return `healthy: headscale ${version ?? releases} (${via})\n`
}
