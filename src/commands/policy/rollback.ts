import * as Args from '@oclif/core/args'
import type {ControlApi} from '../../api/control-api.ts'
import {ApplyPolicyCommand} from '../../cli/commands/apply-policy-command.ts'
import {HeadscaleError} from '../../errors.ts'
import {savedPolicies, savedPolicy, serverName} from '../../usecases/policy/saved-policies.ts'
import {policyFileError, policyTextOf, type ServerPolicy} from '../../usecases/policy/server-policy.ts'

export default class PolicyRollback extends ApplyPolicyCommand<typeof PolicyRollback> {
  static override summary = 'Replace the policy with a saved one'
  static override description =
    'Applies a policy that this program has replaced before, with the same checks and questions as policy apply. The ' +
    'policy that it replaces is saved too, so that a second rollback undoes the first.'
  static override examples = [
    '<%= config.bin %> policy rollback',
    '<%= config.bin %> policy rollback 3',
    '<%= config.bin %> policy rollback --dry-run',
  ]
  static override args = {
    number: Args.integer({
      description: 'number in policy history (default: the last one that is not the policy of the server)',
      min: 1,
      ignoreStdin: true,
    }),
  }

  protected override async source(api: ControlApi, policy: ServerPolicy) {
    const name = serverName(api.server)
    const saved = savedPolicies(name, this.io)
    if (policy.mode === 'file' && saved.length === 0) {
      throw policyFileError(api, {file: null, path: await this.policyPath(api)})
    }
    const {number} = this.args
    const current = policyTextOf(policy)
    const chosen = number === undefined ? saved.find(({text}) => text !== current) : savedPolicy(saved, number, name)
    if (chosen === undefined) {
      throw new HeadscaleError('not-found', `no other policy of ${name} is saved on this machine`, {
        hint: 'policy apply and policy edit save the policy that they replace',
      })
    }
    return {text: chosen.text, name: `saved policy ${chosen.number}`, file: null, allowEmpty: true}
  }
}
