/** What `auth approve` and `auth reject` share; they differ in one word. */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import type {AuthDecisionDocument} from '../../render/document/schemas.ts'
import {ChangeCommand} from './base-command.ts'
import {requiredTextFlag} from '../flags.ts'

export const authFlags = {
  'auth-id': requiredTextFlag({
    description: 'ID of the request, or the URL or command line that contains it',
    helpValue: 'ID',
  }),
}

export abstract class AuthDecision<C extends typeof Command> extends ChangeCommand<C, void> {
  protected abstract readonly decision: 'approve' | 'reject'

  protected override async perform(api: ControlApi) {
    await api.auth[this.decision]((this.flags as {'auth-id': string})['auth-id'])
  }

  protected override intent() {
    return `${this.decision} the request`
  }

  protected override view() {
    return this.decision === 'approve' ? 'Auth request approved\n' : 'Auth request rejected\n'
  }

  protected override document(): AuthDecisionDocument {
    return {decision: this.decision}
  }
}
