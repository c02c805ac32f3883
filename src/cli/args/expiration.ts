/** `--expiration`: the lifetime of a new key (`90d`, `1h30m`); always sent, since the default is an expired key. */
import * as Flags from '@oclif/core/flags'
import {parseDuration} from '../../domain/values/duration.ts'
import {usageError} from '../../errors.ts'

const duration = Flags.custom<number>({
  char: 'e',
  helpValue: 'DURATION',
  parse: async (text) => {
    const milliseconds = parseDuration(text)
    if (milliseconds === 0) throw usageError('expiration must be positive', 'for example: --expiration 24h')
    return milliseconds
  },
})

/** @returns a flag whose value is milliseconds */
export const expirationFlag = (options: {default: string}) =>
  duration({
    description: `lifetime of the key (default: ${options.default})`,
    default: parseDuration(options.default),
    noCacheDefault: true,
  })
