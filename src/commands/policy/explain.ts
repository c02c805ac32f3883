import {accessFlags, readAccessInput} from '../../cli/commands/access-command.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {requiredArg, textFlag} from '../../cli/flags.ts'

export default class PolicyExplain extends ServerCommand<typeof PolicyExplain> {
  static override summary = 'Explain whether one node can reach another'
  static override description =
    'Says yes or no, by which rule, or what is missing. SRC and DST are nodes, users, groups, tags, autogroups, hosts of ' +
    'the policy, addresses, or prefixes; addresses behind routers and the internet behind exit nodes too. Without a port, ' +
    'one open port is enough. The policy, the users and the nodes are those of the server, which is only read; with ' +
    '--policy and --tailnet no server is needed.\n\n' +
    'Exit code: 0 every connection is allowed, 1 one is denied, more for an error.'
  static override examples = [
    '<%= config.bin %> policy explain laptop web:443',
    '<%= config.bin %> policy explain anna@ tag:web:22 --policy policy.hujson',
    '<%= config.bin %> policy explain laptop 10.0.0.9:631 --policy policy.hujson --tailnet tailnet.yaml',
    '<%= config.bin %> policy explain laptop web --proto icmp',
    '<%= config.bin %> policy explain laptop internet',
    '<%= config.bin %> policy explain anna@ tag:web --ssh root',
  ]
  static override args = {
    src: requiredArg({description: 'who connects', completes: ['node-name', 'user-name', 'tag']}),
    dst: requiredArg({
      description: 'where to, and a port: DST or DST:PORT',
      completes: ['node-name', 'user-name', 'tag'],
    }),
  }
  static override flags = {
    ...accessFlags,
    proto: textFlag({description: 'tcp (default), udp, icmp, or the number of another protocol', helpValue: 'PROTO'}),
    ssh: textFlag({description: 'a login with Tailscale SSH as this user', helpValue: 'LOGIN'}),
  }

  protected override async runParsed(): Promise<number> {
    const {explainAccess, readQuestion} = await import('../../usecases/policy/explain-access.ts')
    const words = readQuestion(this.args.src, this.args.dst, this.flags)
    const input = await readAccessInput(
      this.flags,
      this.io,
      async (work) => (await this.onServer({reading: true}, work)).result,
    )
    const answers = explainAccess(input, words, this.io.now())
    const {answersText, explanationDocument} = await import('../../policy/access/answers.ts')
    await this.print(
      () => answersText(answers, words, input.policy),
      () => explanationDocument(answers, {...words, release: input.rules.release}, input.policy),
    )
    return answers.every(({allowed}) => allowed) ? 0 : 1
  }
}
