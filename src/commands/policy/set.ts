import * as Flags from '@oclif/core/flags'
import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/commands/base-command.ts'
import {requiredTextFlag} from '../../cli/flags.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {policyDocument} from '../../render/document/policy.ts'
import {setPolicy} from '../../usecases/set-policy.ts'

export default class PolicySet extends ChangeCommand<typeof PolicySet, StoredPolicy> {
  static override summary = 'Replace the access policy'
  static override description = 'The server must store its policy in the database (policy.mode: database).'
  static override examples = [
    '<%= config.bin %> policy set -f policy.hujson',
    'cat policy.hujson | <%= config.bin %> policy set -f -',
  ]
  static override flags = {
    file: requiredTextFlag({char: 'f', description: 'policy file, or - for standard input', helpValue: 'FILE'}),
    'allow-empty': Flags.boolean({description: 'accept an empty policy, which allows all traffic'}),
  }

  protected override async perform(api: ControlApi) {
    return setPolicy(api, await readTextFile(this.flags.file), {allowEmpty: this.flags['allow-empty']})
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
