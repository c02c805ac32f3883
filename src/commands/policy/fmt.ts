import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {usageError} from '../../errors.ts'
import type {PolicyFilesDocument} from '../../policy/schemas.ts'

export default class PolicyFmt extends OfflineCommand<typeof PolicyFmt> {
  static override summary = 'Format policy files as hujsonfmt does'
  static override description =
    'Prints the formatted text of one file. With --write, rewrites the files that are not formatted; with --check, lists ' +
    'them and changes nothing. Comments are kept. Nothing is sent to headscale.\n\n' +
    'Exit code: 0 done, 6 a file is not HuJSON, or is not formatted (--check).'
  static override examples = [
    '<%= config.bin %> policy fmt policy.hujson',
    '<%= config.bin %> policy fmt --write policy.hujson',
    '<%= config.bin %> policy fmt --check policies/*.hujson',
    '<%= config.bin %> policy get | <%= config.bin %> policy fmt -',
  ]
  static override args = {
    files: Args.string({description: 'policy files, or - for standard input', multiple: true, ignoreStdin: true}),
  }
  static override flags = {
    write: Flags.boolean({char: 'w', description: 'rewrite the files, atomically', exclusive: ['check']}),
    check: Flags.boolean({description: 'list files that are not formatted'}),
  }

  protected override async runParsed(): Promise<number> {
    const {check, write} = this.flags
    const files = this.args.files ?? []
    if (files.length === 0) throw usageError('no file is given', 'give a policy file, or - for standard input')
    if (files.length > 1 && !check && !write) throw usageError('one file can be printed', 'add --write or --check')
    if (write && files.includes('-')) throw usageError('--write cannot write to standard input', 'give a file')
    const {formatFiles} = await import('../../usecases/policy/format-files.ts')
    const {readTextFile} = await import('../../cli/args/text-file.ts')
    const results = await formatFiles(files, {
      read: (name) => readTextFile(name, {keepMark: true}),
      write,
      cwd: this.io.cwd,
    })
    await this.print(
      () => {
        if (!check && !write) return this.io.outIsTerminal ? results[0]!.text : [results[0]!.text]
        return results.map(({file, changed}) => (changed ? `${write ? 'formatted ' : ''}${file}\n` : '')).join('')
      },
      (): PolicyFilesDocument => results.map(({file, changed, text}) => ({file, formatted: !changed, text})),
    )
    return check && results.some(({changed}) => changed) ? 6 : 0
  }
}
