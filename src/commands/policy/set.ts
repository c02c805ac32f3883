import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {policyFlags} from '../../cli/commands/policy-flags.ts'
import {policyDocument} from '../../render/document/policy.ts'
import {readPolicyText} from '../../usecases/policy/policy-text.ts'
import {setPolicy} from '../../usecases/policy/set-policy.ts'

export default class PolicySet extends ChangeCommand<typeof PolicySet, StoredPolicy> {
  static override summary = 'Replace the policy'
  static override description = 'The server must keep its policy in its database (policy.mode: database).'
  static override examples = [
    '<%= config.bin %> policy set -f policy.hujson',
    'cat policy.hujson | <%= config.bin %> policy set -f -',
  ]
  static override flags = policyFlags

  protected override async perform(api: ControlApi) {
    const source = await readTextFile(this.flags.file)
    const policy = readPolicyText(source, {allowEmpty: this.flags['allow-empty'], server: api.server})
    for (const warning of policy.warnings) this.notice(`warning: ${warning}`)
    return setPolicy(api, policy)
  }

  protected override intent() {
    return 'replace the policy'
  }

  protected override view() {
    return 'Policy updated.\n'
  }

  protected override document(policy: StoredPolicy) {
    return policyDocument(policy)
  }
}
