/** The base of `auth approve` and `auth reject`. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import {otherChange} from '../../domain/change.ts'
import {checkRegistrationKey, extractRegistrationKey} from '../../domain/values/registration-key.ts'
import type {AuthDecisionDocument} from '../../render/document/schemas.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {requiredTextFlag} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'

const authDecisionFlags = {
  ...changeCommandFlags,
  'auth-id': requiredTextFlag({
    description: 'ID of the request, or the URL or command line that contains it',
    helpValue: 'ID',
  }),
}

export abstract class AuthDecision<C extends typeof Command> extends ChangeCommand<C, void, typeof authDecisionFlags> {
  static override baseFlags: typeof authDecisionFlags = authDecisionFlags

  protected abstract readonly decision: 'approve' | 'reject'

  protected override runParsed(): Promise<void> {
    checkRegistrationKey(this.flags['auth-id'])
    return super.runParsed()
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<void>> {
    const rawId = this.flags['auth-id']
    const id = extractRegistrationKey(rawId)
    const summary = `${this.decision} auth request ${id}`
    return {
      changes: [otherChange({action: this.decision, kind: 'auth-request', id, summary})],
      apply: () => api.auth[this.decision](rawId),
    }
  }

  protected override view() {
    return this.decision === 'approve' ? 'Auth request approved\n' : 'Auth request rejected\n'
  }

  protected override document(): AuthDecisionDocument {
    return {decision: this.decision}
  }
}
