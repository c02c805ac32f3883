import * as Flags from '@oclif/core/flags'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {nodeSelectorFlags} from '../../cli/args/selectors.ts'
import {NodeChangeCommand, nodeTargets} from '../../cli/commands/node-change.ts'
import {textFlag} from '../../cli/flags.ts'
import {nodeChange} from '../../domain/change.ts'
import type {Node} from '../../domain/node.ts'
import {formatTime, parseTime} from '../../domain/values/time.ts'

export default class NodesExpire extends NodeChangeCommand<typeof NodesExpire> {
  static override summary = "Expire a node's key, now or at a given time"
  static override examples = [
    '<%= config.bin %> nodes expire -i 6',
    '<%= config.bin %> nodes expire -i 6 --expiry 2027-01-31T00:00:00Z',
    '<%= config.bin %> nodes expire -i 6 --disable',
    '<%= config.bin %> nodes expire --user anna --not-expired',
  ]
  static override args = nodeTargets
  static override flags = {
    ...nodeSelectorFlags,
    expiry: textFlag({
      char: 'e',
      description: 'expiry time in RFC 3339 format (default: now; headscale 0.27.1+)',
      helpValue: 'TIME',
    }),
    disable: Flags.boolean({char: 'd', description: 'disable key expiry (headscale 0.29+)', exclusive: ['expiry']}),
  }

  protected override readonly verb = 'expire'

  protected override async planTarget(api: ControlApi, node: Node) {
    const when = this.when()
    const expiry = when === 'never' ? null : formatTime(when === 'now' ? this.io.now() : when)
    const effect = {action: 'expire', before: {expiry: node.expiry && formatTime(node.expiry)}, after: {expiry}}
    const ending = when === 'never' ? ': never' : when === 'now' ? ' now' : ` at ${expiry}`
    return {
      changes: [nodeChange(node, effect, ending)],
      apply: () => api.nodes.expire(node, when),
    }
  }

  protected override view(_node: Node, server: ServerFacts) {
    const when = this.when()
    if (when === 'never') return 'Node expiry disabled\n'
    return when !== 'now' && when > this.io.now() ? 'Node expiration updated\n' : this.sentence(server, 'expired')
  }

  private when(): 'now' | 'never' | Date {
    const {expiry, disable} = this.flags
    if (disable) return 'never'
    return expiry === undefined ? 'now' : parseTime(expiry)
  }
}
