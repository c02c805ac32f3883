/** Connects to the server that the flags of a command name: reads the configuration, prints its warnings, connects. */
import {connect, type Connection} from '../api/connect.ts'
import type {ControlApi, ServerFacts} from '../api/control-api.ts'
import {describeTarget, resolveTarget} from '../config/target.ts'
import {type ErrorCode, HeadscaleError} from '../errors.ts'
import type {Io} from './io/io.ts'

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

/**
 * @param reading the command only reads, so a cached release is enough
 * @throws HeadscaleError for an invalid configuration, or a server that cannot be reached
 */
export async function connectFromFlags(flags: Flags, io: Io, {reading}: {reading: boolean}): Promise<Connection> {
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
  for (const warning of warnings) io.warn(warning)
  const {env, home, now} = io
  const endWait = io.waitFor(describeTarget(target))
  try {
    const connection = await connect(target, {env, home, now, readsOnly: reading, dryRun: flags['dry-run'] === true})
    for (const warning of connection.warnings) io.warn(warning)
    return {
      ...connection,
      close() {
        endWait()
        connection.close()
      },
    }
  } catch (error) {
    endWait()
    throw error
  }
}

/**
 * Does the work of a command on the server that its flags name. If the release came from the cache and the replies do
 * not match it, the release is detected and the work starts again: nothing was changed before.
 */
export async function onServer<Result>(
  flags: Flags,
  io: Io,
  {reading}: {reading: boolean},
  work: (api: ControlApi) => Promise<Result>,
): Promise<{result: Result; server: ServerFacts}> {
  const {api, remembered, close} = await connectFromFlags(flags, io, {reading})
  try {
    return {result: await work(api), server: api.server}
  } catch (error) {
    if (!remembered || !mayBeAnotherRelease(error)) throw error
  } finally {
    close()
  }
  return onServer(flags, io, {reading: false}, work)
}

/** Errors that do not depend on the release of the server. */
const OTHER_CAUSES: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'timeout',
  'cancelled',
  'permission-denied',
  'unauthenticated',
])

/** Whether an error can mean that the server is not of the cached release, or is another server. */
function mayBeAnotherRelease(error: unknown): boolean {
  return error instanceof HeadscaleError && !OTHER_CAUSES.has(error.code)
}
