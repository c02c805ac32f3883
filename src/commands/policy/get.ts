import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {policyDocument} from '../../render/document/policy.ts'

export default class PolicyGet extends ControlCommand<typeof PolicyGet, StoredPolicy> {
  static override summary = 'Print the access policy'
  static override examples = ['<%= config.bin %> policy get > policy.hujson']

  protected override perform(api: ControlApi) {
    return api.policy.get()
  }

  protected override view({text}: StoredPolicy) {
    return text.endsWith('\n') ? text : `${text}\n`
  }

  protected override document(policy: StoredPolicy) {
    return policyDocument(policy)
  }
}
