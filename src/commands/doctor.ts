import {BaseCommand, controlFlags} from '../cli/commands/base-command.ts'
import {findingFlags, findingStatus} from '../cli/commands/finding-flags.ts'
import {interruptible} from '../cli/commands/interruptible.ts'

export default class Doctor extends BaseCommand<typeof Doctor, typeof controlFlags> {
  static override baseFlags: typeof controlFlags = controlFlags

  static override summary = 'Find out why the server, a command or a client does not work'
  static override description =
    'Checks every link from this machine to the server: config file, socket, release, server_url as clients use it, TLS\n' +
    'certificate, proxy, clock, API key, address pool, users, routes, policy, DERP relays and single sign-on. For each\n' +
    'problem it prints what it saw, why it matters and what to do. Changes nothing. Finds most on the server itself.\n\n' +
    'Exit code: 0 nothing is broken, 6 an error was found.'
  static override examples = [
    '<%= config.bin %> doctor',
    'sudo <%= config.bin %> doctor -c /etc/headscale/config.yaml',
    '<%= config.bin %> doctor --address https://headscale.example.com --api-key-file key -o json',
  ]
  static override flags = {strict: findingFlags.strict}

  protected override async runParsed(): Promise<number> {
    const {runDoctor} = await import('../doctor/doctor.ts')
    const {env, home, cwd, debug} = this.io
    const {address, socket, config, insecure, timeout, 'api-key-file': apiKeyFile, 'ca-file': caFile} = this.flags
    const flags = {address, apiKeyFile, socket, config, insecure, caFile, timeout}
    const result = await interruptible(this.io, (signal) =>
      runDoctor(flags, {
        ...{env, home, cwd, signal, trace: debug},
        now: () => this.io.now(),
        onProgress: (open) => this.io.progress(open.length === 0 ? null : `checking ${open.join(', ')}…`),
      }),
    )
    this.io.progress(null)
    await this.print(
      async () => {
        const {doctorReport} = await import('../doctor/output/report.ts')
        const {colourPainter} = await import('../render/style.ts')
        return [doctorReport(result, this.io.colour.out ? colourPainter() : (_, text) => text)]
      },
      async () => (await import('../doctor/output/document.ts')).doctorDocument(result),
    )
    const count = (status: string) => result.checks.filter((check) => check.status === status).length
    return findingStatus({errors: count('error'), warnings: count('warning')}, this.flags.strict)
  }
}
