/** `--expiration`: the lifetime of a new key (`90d`, `1h30m`); always sent, since the default is an expired key. */
import * as Flags from '@oclif/core/flags'
import {parseDuration} from '../../domain/values/duration.ts'
import {usageError} from '../../errors.ts'

const duration = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (text, _context, {name}) => {
    const milliseconds = parseDuration(text)
    if (milliseconds === 0) throw usageError(`${name} must be positive`, `for example: --${name} 24h`)
    return milliseconds
  },
})

/** `--valid-for`: how long an existing key must still be valid, in milliseconds. */
export const validForFlag = ({description}: {description: string}) => duration({description})

/** `--expiration` of a key that is not always created. @returns a flag whose value is milliseconds */
export const optionalExpirationFlag = ({description}: {description: string}) => duration({char: 'e', description})

/** @returns a flag whose value is milliseconds */
export const expirationFlag = (options: {default: string}) =>
  duration({
    char: 'e',
    description: `lifetime of the key (default: ${options.default})`,
    default: parseDuration(options.default),
    noCacheDefault: true,
  })
