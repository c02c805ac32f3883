import * as Flags from '@oclif/core/flags'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ApplyPolicyCommand} from '../../cli/commands/apply-policy-command.ts'
import {requiredArg} from '../../cli/flags.ts'

export default class PolicyApply extends ApplyPolicyCommand<typeof PolicyApply> {
  static override summary = 'Check a policy, show what changes, and replace the policy of the server'
  static override description =
    'The policy is checked by the rules of the release of the server, and its tests are run for its users and nodes; ' +
    'with errors, nothing is sent. What changes is shown and asked about, and the old policy is saved (policy history, ' +
    'policy rollback). If the server rejects the policy, or the command is interrupted, the old one stays at work, or is ' +
    'put back. A change that somebody else makes meanwhile is not overwritten. For a server that reads its policy from a ' +
    'file, the command says what to write where (exit code 8).'
  static override examples = [
    '<%= config.bin %> policy apply policy.hujson',
    '<%= config.bin %> policy apply policy.hujson --dry-run',
    '<%= config.bin %> policy apply --force - < policy.hujson',
  ]
  static override args = {file: requiredArg({description: 'policy file, or - for standard input'})}
  static override flags = {
    'allow-empty': Flags.boolean({description: 'accept an empty policy, with which every node can reach every other'}),
  }

  protected override async source() {
    const {file} = this.args
    const name = file === '-' ? '<stdin>' : file
    return {text: await readTextFile(file), name, file, allowEmpty: this.flags['allow-empty']}
  }
}
