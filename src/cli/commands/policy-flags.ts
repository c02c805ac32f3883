/** Flags that `policy check` and `policy set` share. */
import * as Flags from '@oclif/core/flags'
import {usageError} from '../../errors.ts'
import {requiredTextFlag} from '../flags.ts'

/** headscale's own flag (0.27+) for a server that is not running. */
export const databaseFlag = Flags.boolean({
  hidden: true,
  description: "read and write the server's database",
  parse: async () => {
    throw usageError(
      "--bypass-grpc-and-access-database-directly needs access to the server's database",
      'use headscale itself for that, on the machine of the server',
    )
  },
})

export const policyFlags = {
  file: requiredTextFlag({char: 'f', description: 'policy file, or - for standard input', helpValue: 'FILE'}),
  'allow-empty': Flags.boolean({description: 'accept an empty policy, with which every node can reach every other'}),
  'bypass-grpc-and-access-database-directly': databaseFlag,
}
