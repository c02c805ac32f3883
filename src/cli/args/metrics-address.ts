/** `--metrics-address`: where the debug pages of the server are. */
import * as Flags from '@oclif/core/flags'
import type {ListenerNames} from '../../api/control-api.ts'
import {listenerOrigin} from '../../config/debug-listener.ts'
import {usageError} from '../../errors.ts'
import {quoted} from './quoted.ts'

/** For commands with the flag. */
export const LISTENER_NAMES: ListenerNames = {
  flag: '--metrics-address',
  missing: 'pass --metrics-address, or the config file with -c',
}

export const metricsAddressFlag = Flags.string({
  description: 'metrics_listen_addr of the server, for what clients report (default: that of the config file)',
  helpValue: 'HOST:PORT',
  helpGroup: 'GLOBAL',
  parse: async (text) => {
    if (listenerOrigin(text) !== null) return text
    throw usageError(
      `invalid value ${quoted(text)} for --metrics-address`,
      'write it as metrics_listen_addr in the config file of headscale, for example 127.0.0.1:9090',
    )
  },
})
