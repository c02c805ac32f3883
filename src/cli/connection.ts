/** From the flags of a command to a connected server: configuration, its warnings, the connection. */
import {connect, type Connection} from '../api/connect.ts'
import {resolveTarget} from '../config/target.ts'
import type {Io} from './io.ts'

interface Flags {
  address?: string
  'api-key-file'?: string
  socket?: string
  config?: string
  insecure?: boolean
  'ca-file'?: string
  timeout?: string
  'dry-run'?: boolean
}

/** @throws HeadscaleError for a wrong configuration and for a server that cannot be reached */
export async function connectFromFlags(flags: Flags, io: Io): Promise<Connection> {
  const {target, warnings} = await resolveTarget(
    {
      address: flags.address,
      apiKeyFile: flags['api-key-file'],
      socket: flags.socket,
      config: flags.config,
      insecure: flags.insecure,
      caFile: flags['ca-file'],
      timeout: flags.timeout,
    },
    {env: io.env, home: io.home, cwd: io.cwd},
  )
  for (const warning of warnings) io.err(`warning: ${warning}\n`)
  return connect(target, {env: io.env, home: io.home, now: io.now, dryRun: flags['dry-run'] === true})
}
