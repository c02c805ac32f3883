import type {ControlApi} from '../../api/control-api.ts'
import {ChangeCommand} from '../../cli/base-command.ts'
import {optionalArg, textFlag} from '../../cli/flags.ts'
import {keyTarget} from '../../cli/targets.ts'
import type {ApiKey} from '../../domain/api-key.ts'
import {apiKeyDocument} from '../../render/document/api-key.ts'
import {findApiKey} from '../../usecases/find-api-key.ts'

export default class ApiKeysDelete extends ChangeCommand<typeof ApiKeysDelete, ApiKey> {
  static override summary = 'Delete an API key (0.23+)'
  static override examples = [
    '<%= config.bin %> apikeys delete --prefix abcdefg',
    '<%= config.bin %> apikeys delete -i 3',
  ]
  static override args = {key: optionalArg({description: 'the key, or a beginning that only it has'})}
  static override flags = {
    prefix: textFlag({char: 'p', description: 'the key, by the prefix in the list', helpValue: 'PREFIX'}),
    id: textFlag({char: 'i', description: 'the key, by id', helpValue: 'ID'}),
  }

  protected override async perform(api: ControlApi) {
    const {prefix, id} = this.flags
    const key = await findApiKey(api, keyTarget({key: this.args.key, id, prefix}, 'apikeys delete'))
    await api.apiKeys.delete(key)
    return key
  }

  protected override intent() {
    return 'delete the API key'
  }

  protected override view() {
    return 'Key deleted\n'
  }

  protected override document(key: ApiKey) {
    return apiKeyDocument(key)
  }
}
