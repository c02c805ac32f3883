import type {ControlApi, ListenerNames} from '../../api/control-api.ts'
import type {ConnectionFlagValues} from '../../cli/connection.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {confirmationFlags, optionalArg, requiredTextFlag, textFlag} from '../../cli/flags.ts'
import {HeadscaleError} from '../../errors.ts'
import type {UpgradeServer} from '../../setup/upgrade/server.ts'

const OFFLINE = 'or plan without the server, with --from RELEASE'

/** The flag of connection.ts stands for the config file of the plan here. */
const LISTENER_NAMES: ListenerNames = {flag: 'metrics_listen_addr', missing: 'metrics_listen_addr is not known'}

export default class UpgradePlan extends ServerCommand<typeof UpgradePlan> {
  static override summary = 'Plan an upgrade of headscale, release by release'
  static override description =
    'headscale refuses to skip a minor release. For each release to install, the plan has what must be done before it,\n' +
    'the keys of config.yaml that are renamed, deleted and added, the users in the policy that get an "@" (from 0.26 on,\n' +
    'alice is written alice@), what else changes, and the lines to type: backup, files, package, start and check.\n' +
    'It reads the server, and changes nothing; with --from it needs none.\n\n' +
    'Exit code: 0 nothing stands in the way, 1 something must be done first.'
  static override examples = [
    '<%= config.bin %> upgrade plan --to 0.29',
    '<%= config.bin %> upgrade plan --to 0.29 --write upgrade',
    '<%= config.bin %> upgrade plan --from 0.22.3 --to 0.29.3 config.yaml --policy policy.hujson',
  ]

  static override args = {
    config: optionalArg({description: 'config file, or - for stdin (default: where headscale looks for it)'}),
  }
  static override flags = {
    ...confirmationFlags,
    to: requiredTextFlag({description: 'release to reach: 0.29, or 0.29.3', helpValue: 'RELEASE'}),
    from: textFlag({description: 'release in use; the server is not read then', helpValue: 'RELEASE'}),
    write: textFlag({
      description: 'write the changed files of each step below this folder; asks before it replaces one',
      helpValue: 'DIR',
    }),
    policy: textFlag({description: 'policy file (default: the one in use)', helpValue: 'FILE'}),
    'env-file': textFlag({
      description: 'file with the environment of the server (default: the variables of this shell)',
      helpValue: 'FILE',
    }),
    backup: textFlag({description: 'folder of backups (default: /var/backups/headscale)', helpValue: 'DIR'}),
  }

  protected override async runParsed(): Promise<number> {
    const {to, write, policy, backup, 'env-file': envFile} = this.flags
    const {parseRelease} = await import('../../setup/upgrade/releases.ts')
    parseRelease(to)
    const {from, server} = await this.#start()
    const {runPlan} = await import('../../setup/upgrade/plan-command.ts')
    const {planDocument, planStatus, planText} = await import('../../setup/upgrade/report.ts')
    const config = this.args.config ?? this.flags.config ?? this.io.env.HEADSCALE_CONFIG
    const {plan, files} = await runPlan({from, to, config, envFile, policy, write, backup}, server, this.io)
    if (plan.errors > 0) {
      const count = `${plan.errors} error${plan.errors === 1 ? '' : 's'}`
      this.warn(
        `the files have ${count} for headscale ${from} already: headscale-ts setup check ${plan.file} --for ${from}`,
      )
    }
    if (write !== undefined && files.length > 0) {
      const {writeTree} = await import('../../cli/commands/write-tree.ts')
      await writeTree(files, write, this.io, {force: this.flags.force, dryRun: false})
    }
    const clientsUnknown = server === null ? 'the server was not read' : server.clientsUnknown
    const context = {folder: write ?? null, clientsUnknown}
    await this.print(
      () => planText(plan, context),
      () => planDocument(plan, context),
    )
    return planStatus(plan)
  }

  /** The release in use, as the flag or the server says it. */
  async #start(): Promise<{from: string; server: UpgradeServer | null}> {
    const {from} = this.flags
    if (from !== undefined) return {from, server: null}
    const connection = await this.#connection()
    try {
      const {onServer} = await import('../../cli/connection.ts')
      const {result, server} = await onServer(connection, this.io, {reading: false}, (api) => this.#read(api))
      const [oldest = server.releases, newer] = server.releases.split(' or ')
      if (server.version === null && newer !== undefined) {
        this.note(
          `the server is of ${server.releases}; the plan begins with ${oldest}, and a step to the release that you have can be left out`,
        )
      }
      return {from: server.version ?? oldest, server: result}
    } catch (error) {
      if (!(error instanceof HeadscaleError)) throw error
      const {code, message, hint, cause, details} = error
      throw new HeadscaleError(code, message, {hint: hint === null ? OFFLINE : `${hint}; ${OFFLINE}`, cause, details})
    }
  }

  /** The config file of the plan names the server, unless something else does. */
  async #connection(): Promise<ConnectionFlagValues> {
    const {address, socket, config} = this.flags
    const {HEADSCALE_CLI_ADDRESS, HEADSCALE_UNIX_SOCKET, HEADSCALE_CONFIG} = this.io.env
    const file = this.args.config
    if (file === undefined || file === '-') return this.flags
    const named = [address, socket, config, HEADSCALE_CLI_ADDRESS, HEADSCALE_UNIX_SOCKET, HEADSCALE_CONFIG]
    if (!named.some(Boolean)) return {...this.flags, config: file}
    const {listenerOf} = await import('../../setup/upgrade/plan-command.ts')
    const listener = await listenerOf(file, this.io.cwd)
    return listener === undefined ? this.flags : {...this.flags, 'metrics-address': listener}
  }

  async #read(api: ControlApi): Promise<UpgradeServer> {
    const {readUpgradeServer} = await import('../../usecases/read-upgrade-server.ts')
    return readUpgradeServer(api, this.io.now(), LISTENER_NAMES)
  }
}
