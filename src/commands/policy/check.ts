import type {ControlApi} from '../../api/control-api.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ControlCommand} from '../../cli/commands/base-command.ts'
import {policyFlags} from '../../cli/commands/policy-flags.ts'
import type {PolicyCheckDocument} from '../../render/document/schemas.ts'
import {readPolicyText} from '../../usecases/policy/policy-text.ts'

export default class PolicyCheck extends ControlCommand<typeof PolicyCheck, void> {
  static override summary = 'Validate a policy on the server; nothing is stored (headscale 0.29+)'
  static override examples = ['<%= config.bin %> policy check -f policy.hujson']
  static override flags = policyFlags

  protected override async perform(api: ControlApi) {
    const source = await readTextFile(this.flags.file)
    const {text, warnings} = readPolicyText(source, {
      allowEmpty: this.flags['allow-empty'],
      server: api.server,
    })
    await api.policy.check(text)
    for (const warning of warnings) this.warn(warning)
  }

  protected override view() {
    return 'Policy is valid\n'
  }

  protected override document(): PolicyCheckDocument {
    return {valid: true}
  }
}
