import {AuthDecision, authFlags} from '../../cli/commands/auth-decision.ts'

export default class AuthApprove extends AuthDecision<typeof AuthApprove> {
  static override summary = 'Let a waiting request through; it registers no node (0.29+)'
  static override examples = ['<%= config.bin %> auth approve --auth-id hskey-authreq-…']
  static override flags = authFlags
  protected override readonly decision = 'approve'
}
