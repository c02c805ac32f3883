import type {ControlApi} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {configuredPolicyRelease} from '../../cli/commands/policy-release.ts'
import {optionalArg, requiredArg, textFlag} from '../../cli/flags.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import type {PolicyDiffDocument} from '../../policy/schemas.ts'
import {accessChangeText} from '../../render/access-change.ts'
import {unifiedDiff} from '../../text/line-diff.ts'
import type {ComparedAccess, NamedText} from '../../usecases/policy/compare-policies.ts'

/** The users and nodes, and the release whose rules apply. */
interface Place {
  tailnet: Tailnet
  release: string
}

export default class PolicyDiff extends ServerCommand<typeof PolicyDiff> {
  static override summary = 'Compare two policies: their text, and the access that nodes gain and lose'
  static override description =
    'With one file, compares the policy of the server with it: what policy apply would change. With two files, the first ' +
    'is the old policy and the second the new one. Access is compared for the users and nodes of --tailnet, otherwise of ' +
    'the server, by the rules of headscale 0.23 and later. Nothing is changed.\n\n' +
    'Exit code: 0 same text, 1 different, 2 or more if they cannot be compared.'
  static override examples = [
    '<%= config.bin %> policy diff policy.hujson',
    '<%= config.bin %> policy diff old.hujson new.hujson --tailnet tailnet.yaml',
    '<%= config.bin %> policy history 1 | <%= config.bin %> policy diff -',
    'git show HEAD:policy.hujson | <%= config.bin %> policy diff - policy.hujson -o json',
  ]
  static override args = {
    file: requiredArg({description: 'the new policy, a file or - for standard input; of two, the old one'}),
    to: optionalArg({description: 'the new policy, if the old one is a file too'}),
  }
  static override flags = {
    tailnet: textFlag({description: 'users and nodes: a seed of the sandbox', helpValue: 'FILE'}),
    for: textFlag({
      description: 'headscale release whose rules apply, 0.23 to 0.30 (default: that of the server; without one 0.29)',
      helpValue: 'RELEASE',
    }),
  }

  protected override async runParsed(): Promise<number> {
    if (this.flags.for !== undefined) (await import('../../policy/releases.ts')).policyRelease(this.flags.for)
    const {from, to, place} = await this.#read().catch((error: unknown) => {
      // Exit code 1 means "different" and nothing else here.
      if (error instanceof HeadscaleError && error.exitCode > 1) throw error
      const {message, hint, details} =
        error instanceof HeadscaleError ? error : {message: String(error), hint: null, details: {}}
      throw new HeadscaleError('invalid-input', message, {...(hint === null ? {} : {hint}), details, cause: error})
    })
    const access = await this.#compare(from, to, place)
    const {isSameText} = await import('../../usecases/policy/policy-text.ts')
    const diff =
      from.text !== null && isSameText(from.text, to.text ?? '')
        ? ''
        : unifiedDiff(from.text ?? '', to.text ?? '', from.text === null ? '/dev/null' : from.name, to.name)
    const known = access !== null && !('unknown' in access) ? access : null
    if (access !== null && 'unknown' in access) this.note(`access is not compared: ${access.unknown}`)
    await this.print(
      () => `${diff}${known && diff !== '' ? accessChangeText(known) : ''}`,
      (): PolicyDiffDocument => ({from: from.name, to: to.name, same: diff === '', diff, access: known}),
    )
    return diff === '' ? 0 : 1
  }

  async #read(): Promise<{from: NamedText; to: NamedText; place: Place | null}> {
    const {file, to} = this.args
    if (file === '-' && to === '-') throw usageError('standard input can be read once', 'name a file for one of them')
    if (to === undefined) return this.#readFromServer(await readPolicy(file))
    const [first, second] = [await readPolicy(file), await readPolicy(to)]
    return {from: first, to: second, place: await this.#place()}
  }

  async #readFromServer(to: NamedText): Promise<{from: NamedText; to: NamedText; place: Place | null}> {
    const {result} = await this.onServer({reading: true}, async (api) => {
      const [{policyTextOf, readServerPolicy}, {serverName}] = await Promise.all([
        import('../../usecases/policy/server-policy.ts'),
        import('../../usecases/policy/saved-policies.ts'),
      ])
      // The error for a release that has no policy in its API.
      if (!api.server.capabilities.policyApi) await api.policy.get()
      const text = policyTextOf(await readServerPolicy(api))
      return {from: {name: serverName(api.server), text}, place: await this.#placeOf(api)}
    })
    return {...result, to}
  }

  /** For two files: from a tailnet file, or from a server if there is one that answers. */
  async #place(): Promise<Place | null> {
    const {DEFAULT_POLICY_RELEASE} = await import('../../policy/releases.ts')
    if (this.flags.tailnet !== undefined) {
      const tailnet = await this.#tailnetFile(this.flags.tailnet)
      const release = this.flags.for ?? (await configuredPolicyRelease(this.flags, this.io, {toCompile: true}))
      return {tailnet, release: release ?? DEFAULT_POLICY_RELEASE}
    }
    const {askIfItAnswers, configuredServer} = await import('../../cli/configured-release.ts')
    const target = await configuredServer(this.flags, this.io)
    if (target === null) {
      this.note('access is not compared without a tailnet: --tailnet FILE, or a server')
      return null
    }
    return askIfItAnswers(target, this.io, {instead: 'access is not compared', ask: (api) => this.#placeOf(api)})
  }

  async #placeOf(api: ControlApi): Promise<Place> {
    const [{readServerTailnet}, {releaseOf}] = await Promise.all([
      import('../../usecases/policy/server-tailnet.ts'),
      import('../../usecases/policy/check-file.ts'),
    ])
    const {tailnet: file, for: release = releaseOf(api)} = this.flags
    return {tailnet: await (file === undefined ? readServerTailnet(api) : this.#tailnetFile(file)), release}
  }

  async #tailnetFile(file: string): Promise<Tailnet> {
    const {readSeedTailnet} = await import('../../sandbox/seed/seed-tailnet.ts')
    return readSeedTailnet(file)
  }

  async #compare(from: NamedText, to: NamedText, place: Place | null): Promise<ComparedAccess | null> {
    if (place === null) return null
    const {compareForTailnet} = await import('../../usecases/policy/compare-policies.ts')
    return compareForTailnet(from, to, place.tailnet, place.release)
  }
}

async function readPolicy(file: string): Promise<NamedText> {
  return {name: file === '-' ? '<stdin>' : file, text: await readTextFile(file)}
}
