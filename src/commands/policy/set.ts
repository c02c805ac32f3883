import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ChangeCommand} from '../../cli/commands/change-command.ts'
import {policyFlags} from '../../cli/commands/policy-flags.ts'
import {policyDocument} from '../../render/document/policy.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {planPolicy} from '../../usecases/policy/set-policy.ts'

export default class PolicySet extends ChangeCommand<typeof PolicySet, StoredPolicy> {
  static override summary = 'Replace the policy'
  static override description = 'The server must store its policy in the database (policy.mode: database).'
  static override examples = [
    '<%= config.bin %> policy set -f policy.hujson',
    'cat policy.hujson | <%= config.bin %> policy set -f -',
  ]
  static override flags = policyFlags

  protected override async plan(api: ControlApi): Promise<ChangePlan<StoredPolicy>> {
    return planPolicy(api, await readTextFile(this.flags.file), {allowEmpty: this.flags['allow-empty']})
  }

  protected override view() {
    return 'Policy updated.\n'
  }

  protected override document(policy: StoredPolicy) {
    return policyDocument(policy)
  }
}
