import {OfflineCommand} from '../cli/commands/base-command.ts'
import {licenses} from '../cli/licenses.ts'

export default class Licenses extends OfflineCommand<typeof Licenses> {
  static override summary = 'Print the licenses of headscale-ts and of the packages it contains'
  static override examples = ['<%= config.bin %> licenses']

  protected override async runParsed() {
    const text = licenses()
    await this.print(
      () => text,
      () => ({licenses: text}),
    )
  }
}
