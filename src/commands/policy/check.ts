import type {ControlApi} from '../../api/control-api.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {requiredTextFlag} from '../../cli/flags.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import type {PolicyCheckDocument} from '../../render/document/schemas.ts'

export default class PolicyCheck extends ControlCommand<typeof PolicyCheck, void> {
  static override summary = 'Validate a policy on the server without storing it (headscale 0.29+)'
  static override examples = ['<%= config.bin %> policy check -f policy.hujson']
  static override flags = {
    file: requiredTextFlag({char: 'f', description: 'policy file, or - for standard input', helpValue: 'FILE'}),
  }

  protected override async perform(api: ControlApi) {
    await api.policy.check(await readTextFile(this.flags.file))
  }

  protected override view() {
    return 'Policy is valid\n'
  }

  protected override document(): PolicyCheckDocument {
    return {valid: true}
  }
}
