import {AuthDecision} from '../../cli/commands/auth-decision.ts'

export default class AuthReject extends AuthDecision<typeof AuthReject> {
  static override summary = 'Reject a pending request (headscale 0.29+)'
  static override examples = ['<%= config.bin %> auth reject --auth-id hskey-authreq-…']
  protected override readonly decision = 'reject'
}
