import {AuthDecision} from '../../cli/commands/auth-decision.ts'

export default class AuthApprove extends AuthDecision<typeof AuthApprove> {
  static override summary = 'Approve a pending request; registers no node (headscale 0.29+)'
  static override examples = ['<%= config.bin %> auth approve --auth-id hskey-authreq-…']
  protected override readonly decision = 'approve'
}
