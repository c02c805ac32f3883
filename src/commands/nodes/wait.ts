import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {readTargetWords} from '../../cli/args/target-words.ts'
import {conditionFlag, intervalFlag, timeFlag} from '../../cli/args/wait-flags.ts'
import {WaitCommand} from '../../cli/commands/wait-command.ts'
import {nodeFlag, offering, targetsArg} from '../../cli/flags.ts'
import {defaultListView} from '../../cli/output/list-view.ts'
import {usageError} from '../../errors.ts'
import {NODES, shownNodeColumns} from '../../render/columns/nodes.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {nodeCheck} from '../../usecases/nodes/wait-for-nodes.ts'

const DEFAULT_TIMEOUT_MS = 60_000

export default class NodesWait extends WaitCommand<typeof NodesWait> {
  static override summary = 'Wait until nodes are in a state'
  static override description =
    'Reads the list of nodes again and again. A node that does not exist yet can still join. The nodes of a selector are ' +
    'those that match when the first of them appears. Exit code 11 if the time is over.'
  static override examples = [
    '<%= config.bin %> nodes wait router --for online --timeout 60s',
    '<%= config.bin %> nodes wait router --for route=10.0.0.0/8 --timeout 5m',
    '<%= config.bin %> nodes wait --tag tag:web --for online -o json',
  ]
  static override args = {
    node: targetsArg({description: 'nodes to wait for, by ID, name or IP address', completes: 'node'}),
  }
  static override flags = {
    ...nodeSelectorFlags,
    identifier: nodeFlag({description: 'node to wait for, by ID or name'}),
    for: offering(conditionFlag({required: true}), ['online', 'offline', 'expired']),
    timeout: timeFlag({description: 'how long to wait in all, whatever single requests take (default: 60s)'}),
    interval: intervalFlag({default: '1s'}),
  }

  protected override async runParsed(): Promise<void> {
    const {for: conditions, identifier, timeout = DEFAULT_TIMEOUT_MS, interval} = this.flags
    const {node = []} = this.args as {node?: string[]}
    const {words, fromStdin} = await readTargetWords(identifier === undefined ? node : [identifier, ...node])
    const selector = nodeSelectorOf(this.flags)
    if (selector && (words.length > 0 || fromStdin)) {
      throw usageError('nodes are named and selected', 'use either names and ids, or selectors')
    }
    if (!selector && words.length === 0) {
      throw usageError(
        fromStdin ? 'standard input is empty' : 'no node given',
        'name nodes, or select them, for example with --tag',
      )
    }
    const check = nodeCheck({words, selector, conditions, routes: this.machineOutput})
    const {result: nodes, server} = await this.waitFor((api) => check(api, this.io.now()), {
      timeoutMs: timeout,
      intervalMs: interval,
      hint: 'use a longer --timeout, or see: headscale-ts nodes list',
    })
    const {ownerWord} = server.capabilities
    await this.print(
      () => defaultListView(NODES, shownNodeColumns({tags: false}), nodes, {io: this.io, ownerWord}),
      () => (words.length === 1 && !fromStdin ? nodeDocument(nodes[0]!) : nodes.map(nodeDocument)),
    )
  }
}
