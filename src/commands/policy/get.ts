import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {databaseFlag} from '../../cli/commands/policy-flags.ts'
import {policyDocument} from '../../render/document/policy.ts'

export default class PolicyGet extends ControlCommand<typeof PolicyGet, StoredPolicy> {
  static override summary = 'Print the policy'
  static override examples = ['<%= config.bin %> policy get > policy.hujson']
  static override flags = {'bypass-grpc-and-access-database-directly': databaseFlag}

  protected override perform(api: ControlApi) {
    return api.policy.get()
  }

  /** A file or a pipe gets the exact text of the policy, so that it can be set again. */
  protected override view({text}: StoredPolicy) {
    const lines = text.endsWith('\n') ? text : `${text}\n`
    return this.io.outIsTerminal ? lines : [lines]
  }

  protected override document(policy: StoredPolicy) {
    return policyDocument(policy)
  }
}
