import type {ControlApi} from '../../api/control-api.ts'
import {accessFlags, readAccessInput} from '../../cli/commands/access-command.ts'
import {ListCommand} from '../../cli/commands/list-command.ts'
import {textFlag} from '../../cli/flags.ts'
import type {PolicyAccessDocument} from '../../policy/schemas.ts'
import {ACCESS_ROWS, SHOWN_ACCESS_ROWS} from '../../render/columns/access-rows.ts'
import type {AccessInput} from '../../usecases/policy/access-input.ts'

type Row = PolicyAccessDocument[number]

export default class PolicyAccess extends ListCommand<typeof PolicyAccess, Row> {
  static override summary = 'List who can reach what'
  static override description =
    'Everything in a row holds for each of its sources with each of its destinations: nodes, addresses behind routers, and ' +
    'the internet behind exit nodes. The policy, the users and the nodes are those of the server, which is only read; with ' +
    '--policy and --tailnet no server is needed. For a single question, with the rule that answers it: policy explain.'
  static override examples = [
    '<%= config.bin %> policy access',
    '<%= config.bin %> policy access --from anna@ --to tag:web',
    '<%= config.bin %> policy access --to internet -o csv',
    '<%= config.bin %> policy access --policy policy.hujson --tailnet tailnet.yaml',
  ]
  static override flags = {
    ...accessFlags,
    from: textFlag({
      description: 'only from this node, user, group, tag, host, address or autogroup',
      helpValue: 'SRC',
      completes: 'node-name',
    }),
    to: textFlag({description: 'only to this one, or to the internet', helpValue: 'DST', completes: 'node-name'}),
  }

  override readonly list = ACCESS_ROWS

  protected override async load() {
    const input = await readAccessInput(
      this.flags,
      this.io,
      async (work) => (await this.onServer({reading: true}, work)).result,
    )
    return {items: await this.#rows(input), shown: this.shown(), ownerWord: 'user' as const}
  }

  protected override async fetch(api: ControlApi) {
    return this.#rows(await readAccessInput(this.flags, this.io, (work) => work(api)))
  }

  protected override shown() {
    return SHOWN_ACCESS_ROWS
  }

  protected override item(row: Row) {
    return row
  }

  async #rows(input: AccessInput): Promise<Row[]> {
    const {accessRows} = await import('../../usecases/policy/list-access.ts')
    return accessRows(input, this.flags)
  }
}
