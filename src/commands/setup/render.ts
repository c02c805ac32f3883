import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {quoted} from '../../cli/args/quoted.ts'
import {confirmationFlags, listFlag, offering, textFlag} from '../../cli/flags.ts'
import type {RawAnswers} from '../../setup/render/answers.ts'
import {usageError} from '../../errors.ts'
import type {ProxyName, RenderFormat} from '../../setup/render/render-command.ts'

const FORMATS = ['config', 'systemd', 'nginx', 'caddy', 'traefik', 'compose', 'backup', 'script']
const SERVER = 'SERVER'
const SIGN_ON = 'SINGLE-SIGN-ON'

export default class SetupRender extends OfflineCommand<typeof SetupRender> {
  static override summary = "Write headscale's config file, its systemd unit and a proxy for it"
  static override description =
    'Writes one file to standard output, or with --dir all files of the set-up below a folder. The config file has only\n' +
    'keys that the release knows, and passes setup check. On a terminal it asks for what is missing.'
  static override examples = [
    '<%= config.bin %> setup render --server-url http://192.0.2.10:8080 > config.yaml',
    '<%= config.bin %> setup render --release 0.28 --server-url https://hs.example.com --tls acme --base-domain tn.example.com',
    '<%= config.bin %> setup render --server-url https://hs.example.com --tls proxy -o nginx --close-api',
    '<%= config.bin %> setup render --from answers.yaml --dir /',
  ]

  static override flags = {
    ...confirmationFlags,
    output: offering(
      Flags.string({
        char: 'o',
        description: `what to write: ${FORMATS.join(', ')} (default: config)`,
        helpValue: 'FILE',
        parse: async (value) => {
          if (FORMATS.includes(value)) return value
          throw usageError(`invalid value ${quoted(value)} for --output`, `expected one of: ${FORMATS.join(', ')}`)
        },
      }),
      FORMATS,
    ),
    dir: textFlag({
      char: 'd',
      description: 'write every file below this folder; shows the difference and asks before it replaces one',
      helpValue: 'DIR',
    }),
    'dry-run': Flags.boolean({description: 'with --dir: show what would be written', dependsOn: ['dir']}),
    from: textFlag({description: 'answers file: names of these flags with values, in YAML', helpValue: 'FILE'}),
    release: textFlag({description: 'headscale release (default 0.29)', helpValue: 'RELEASE'}),
    'server-url': textFlag({description: 'URL that clients use', helpValue: 'URL', helpGroup: SERVER}),
    listen: textFlag({
      description: 'where headscale listens (default: 0.0.0.0:8080; 127.0.0.1:8080 with --tls proxy, else 0.0.0.0:443)',
      helpValue: 'ADDRESS:PORT',
      helpGroup: SERVER,
    }),
    tls: Flags.string({
      description: "who serves https: your certificate files, Let's Encrypt, or a proxy",
      options: ['manual', 'acme', 'proxy'],
      helpGroup: SERVER,
    }),
    'tls-cert': textFlag({
      description: 'certificate on the server (default: /etc/headscale/tls/HOST.crt)',
      helpValue: 'PATH',
      helpGroup: SERVER,
    }),
    'tls-key': textFlag({
      description: 'its key (default: /etc/headscale/tls/HOST.key)',
      helpValue: 'PATH',
      helpGroup: SERVER,
    }),
    'acme-email': textFlag({description: "address for Let's Encrypt", helpValue: 'EMAIL', helpGroup: SERVER}),
    proxy: Flags.string({
      description: 'with --dir: write the file of this proxy too',
      options: ['nginx', 'caddy', 'traefik'],
      helpGroup: SERVER,
      dependsOn: ['dir'],
    }),
    image: textFlag({
      description: 'for -o compose: container image (default: docker.io/headscale/headscale:RELEASE)',
      helpValue: 'IMAGE',
      helpGroup: SERVER,
    }),
    'close-api': Flags.boolean({description: 'let the proxy close the REST API to other machines', helpGroup: SERVER}),
    prefix: listFlag({
      description: 'addresses of nodes (default: 100.64.0.0/10 and fd7a:115c:a1e0::/48)',
      helpValue: 'PREFIX',
    }),
    'magic-dns': Flags.boolean({description: 'give nodes names (default: with --base-domain)', allowNo: true}),
    'base-domain': textFlag({description: 'domain of these names', helpValue: 'DOMAIN'}),
    nameserver: listFlag({description: 'name servers for clients, in place of their own', helpValue: 'IP'}),
    derp: listFlag({
      description: "map of relays: a URL, or a file on the server (default: Tailscale's relays)",
      helpValue: 'URL|PATH',
    }),
    'policy-mode': Flags.string({
      helpValue: 'MODE',
      description: 'where the policy is (default: database; file up to 0.22)',
      options: ['file', 'database'],
    }),
    'policy-path': textFlag({description: 'policy file on the server', helpValue: 'PATH'}),
    'oidc-issuer': textFlag({description: 'provider of single sign-on', helpValue: 'URL', helpGroup: SIGN_ON}),
    'oidc-client-id': textFlag({description: 'client id of this server', helpValue: 'ID', helpGroup: SIGN_ON}),
    'oidc-secret': textFlag({
      description: 'file on the server with the secret (default: /etc/headscale/oidc-secret)',
      helpValue: 'PATH',
      helpGroup: SIGN_ON,
    }),
    'oidc-domain': listFlag({
      description: 'users need an e-mail address of these domains',
      helpValue: 'DOMAIN',
      helpGroup: SIGN_ON,
    }),
  }

  protected override async runParsed(): Promise<void> {
    const {renderSetup} = await import('../../setup/render/render-command.ts')
    const {dir, image = null, 'close-api': closeApi} = this.flags
    const {output, proxy = null} = this.flags as {output?: RenderFormat; proxy?: ProxyName}
    if (output === 'backup' && dir === undefined) throw usageError('-o backup needs --dir', 'it is three files')
    const raw = await this.answers()
    const {files, warnings} = await renderSetup(raw, {
      format: dir === undefined ? (output ?? 'config') : (output ?? null),
      ...{closeApi, image, proxy},
      command: [...this.invokedAs, ...this.argv],
      cwd: this.io.cwd,
    })
    for (const warning of warnings) this.warn(warning)
    if (dir !== undefined && output === undefined && proxy === null && raw.tls === 'proxy') {
      const api = closeApi ? ', which closes the API too' : ''
      this.note(
        `no file for the proxy: --proxy nginx, caddy or traefik adds it; otherwise set up the proxy by hand${api}`,
      )
    }
    if (dir === undefined) return this.io.out(files[0]!.text)
    const {writeTree} = await import('../../cli/commands/write-tree.ts')
    await writeTree(files, dir, this.io, {force: this.flags.force, dryRun: this.flags['dry-run']})
  }

  /** Flags over the answers file, and answers from the terminal where both are silent. */
  private async answers(): Promise<RawAnswers> {
    const {from} = this.flags
    const file =
      from === undefined
        ? {}
        : await (await import('../../setup/render/answers-file.ts')).readAnswers(from, this.io.cwd)
    const given = Object.entries(this.flags).filter(([, value]) => value !== undefined)
    let raw: RawAnswers = {...file, ...Object.fromEntries(given)}
    if (!this.io.canAsk) return raw
    const {nextQuestion} = await import('../../setup/render/questions.ts')
    for (let question = nextQuestion(raw); question !== null; question = nextQuestion(raw)) {
      const answer = await this.io.askText(question.text, question.byDefault)
      if (answer === '') break
      raw = {...raw, [question.name]: answer}
    }
    return raw
  }
}
