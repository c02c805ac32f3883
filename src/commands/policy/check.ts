import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {findingFlags, findingStatus} from '../../cli/commands/finding-flags.ts'
import {policyFlags} from '../../cli/commands/policy-flags.ts'
import {configuredPolicyRelease} from '../../cli/commands/policy-release.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {usageError} from '../../errors.ts'
import type {PolicyReportDocument} from '../../policy/schemas.ts'
import type {PolicyCheckDocument} from '../../render/document/schemas.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import type {PolicyReport} from '../../usecases/policy/check-file.ts'

export default class PolicyCheck extends ServerCommand<typeof PolicyCheck> {
  static override summary = 'Check a policy without a server, or on it'
  static override description =
    'Reports what a headscale release rejects in the policy, what it ignores, and rules that can never match, each with ' +
    'its position. Nothing is sent to a server, unless --server is given: its release is the one whose rules apply, and ' +
    'headscale 0.29 and later is asked for its own verdict. With -f instead of FILE, as in headscale itself, only the ' +
    'server is asked.\n\n' +
    'Exit code: 0 no errors, 6 errors.'
  static override examples = [
    '<%= config.bin %> policy check policy.hujson',
    '<%= config.bin %> policy check policy.hujson --for 0.26',
    '<%= config.bin %> policy check policy.hujson --tailnet tailnet.yaml',
    '<%= config.bin %> policy check policy.hujson --server',
    '<%= config.bin %> policy check --strict --format github policy.hujson',
    '<%= config.bin %> policy check -f policy.hujson',
  ]
  static override args = {file: optionalArg({description: 'policy file, or - for standard input'})}
  static override flags = {
    ...policyFlags,
    file: textFlag({
      char: 'f',
      description: 'policy file that only the server checks (headscale 0.29+)',
      helpValue: 'FILE',
    }),
    'allow-empty': Flags.boolean({description: 'with -f: accept an empty policy'}),
    for: textFlag({
      description:
        'headscale release whose rules apply, 0.15 to 0.30 (default: that of the configured server, else 0.29)',
      helpValue: 'RELEASE',
    }),
    tailnet: textFlag({
      description: 'users and nodes, a seed of the sandbox: checks names too, and runs the tests of the policy',
      helpValue: 'FILE',
    }),
    server: Flags.boolean({description: "apply the rules of the server's release, and ask it too (headscale 0.29+)"}),
    ...findingFlags,
  }

  protected override async runParsed(): Promise<number> {
    const {file, for: release, server, strict, tailnet} = this.flags
    if (this.args.file !== undefined && file !== undefined) throw usageError('the file is specified more than once')
    if (file !== undefined && (release !== undefined || tailnet !== undefined || server || strict)) {
      throw usageError('-f asks the server alone', `without -f: headscale-ts policy check ${file}`)
    }
    if (release !== undefined && server) throw usageError('--for and --server cannot be used together')
    if (tailnet !== undefined && server) throw usageError('--tailnet and --server cannot be used together')
    if (file !== undefined) return this.#onServerAlone(file)
    if (this.args.file === undefined)
      throw usageError('no file is given', 'give a policy file, or - for standard input')
    return this.#report(this.args.file)
  }

  async #report(file: string): Promise<number> {
    const {checkPolicyText} = await import('../../usecases/policy/check-file.ts')
    const {countFindings, findingDocument, findingsText} = await import('../../diagnostics/report.ts')
    const text = await readTextFile(file, {keepMark: true})
    const name = file === '-' ? '<stdin>' : file
    const report = this.flags.server
      ? (await this.onServer({reading: true}, (api) => this.#withServer(api, text, name))).result
      : await checkPolicyText(text, name, {
          release: this.flags.for ?? (await configuredPolicyRelease(this.flags, this.io, {toCompile: false})),
          tailnet: await this.#tailnet(),
        })
    if (report.skipsTests && !this.flags.server)
      this.note('the tests of the policy are not run without --tailnet or --server')
    const {release, findings, content} = report
    const counts = countFindings(findings)
    await this.print(
      () =>
        findingsText(findings, {
          format: this.flags.format,
          file: name,
          content,
          release,
        }),
      (): PolicyReportDocument => ({release, file: name, ...counts, findings: findings.map(findingDocument)}),
    )
    return findingStatus(counts, this.flags.strict)
  }

  async #tailnet(): Promise<Tailnet | null> {
    const {tailnet} = this.flags
    if (tailnet === undefined) return null
    const {readSeedTailnet} = await import('../../sandbox/seed/seed-tailnet.ts')
    return readSeedTailnet(tailnet)
  }

  async #withServer(api: ControlApi, text: string, name: string): Promise<PolicyReport> {
    const {addServerVerdict, checkPolicyText, releaseOf} = await import('../../usecases/policy/check-file.ts')
    const report = await checkPolicyText(text, name, {release: releaseOf(api)})
    if (api.server.capabilities.policyCheck) return addServerVerdict(api, text, report)
    this.note('this server cannot check a policy itself; only the rules of its release were applied')
    return report
  }

  /** headscale's own form. */
  async #onServerAlone(file: string): Promise<number> {
    const source = await readTextFile(file)
    await this.onServer({reading: true}, async (api) => {
      const {readPolicyText} = await import('../../usecases/policy/policy-text.ts')
      const {text, warnings} = readPolicyText(source, {allowEmpty: this.flags['allow-empty'], server: api.server})
      await api.policy.check(text)
      for (const warning of warnings) this.warn(warning)
    })
    await this.print(
      () => 'Policy is valid\n',
      (): PolicyCheckDocument => ({valid: true}),
    )
    return 0
  }
}
