import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {EnsureCommand} from '../../cli/commands/ensure-command.ts'
import {policyFlags} from '../../cli/commands/policy-flags.ts'
import {policyDocument} from '../../render/document/policy.ts'
import {planEnsurePolicy} from '../../usecases/policy/ensure-policy.ts'

export default class PolicyEnsure extends EnsureCommand<typeof PolicyEnsure, StoredPolicy> {
  static override summary = 'Replace the policy unless it is the same'
  static override description =
    'Compares the text, with its comments and spaces. The server must store its policy in the database (policy.mode: database).'
  static override examples = ['<%= config.bin %> policy ensure -f policy.hujson']
  static override flags = policyFlags

  protected override async plan(api: ControlApi) {
    return planEnsurePolicy(api, await readTextFile(this.flags.file), {allowEmpty: this.flags['allow-empty']})
  }

  protected override describe() {
    return 'policy'
  }

  protected override objectDocument(policy: StoredPolicy) {
    return policyDocument(policy)
  }
}
