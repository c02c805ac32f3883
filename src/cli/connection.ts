/** Connects to the server that the flags of a command name: reads the configuration, prints its warnings, connects. */
import {connect, type Connection} from '../api/connect.ts'
import type {ControlApi, ServerFacts} from '../api/control-api.ts'
import {describeTarget, resolveTarget, type ServerTarget} from '../config/target.ts'
import {type ErrorCode, HeadscaleError} from '../errors.ts'
import type {Io} from './io/io.ts'
import {VERSION} from './version.ts'

export interface ConnectionFlagValues {
  address?: string
  'api-key-file'?: string
  socket?: string
  config?: string
  insecure?: boolean
  'ca-file'?: string
  timeout?: string
  'metrics-address'?: string
  'dry-run'?: boolean
}

/** Finds the server that the flags name, and prints warnings about its configuration. @throws HeadscaleError (usage) */
export async function findServer(flags: ConnectionFlagValues, io: Io): Promise<ServerTarget> {
  io.debug?.(`headscale-ts ${VERSION}, ${process.versions.bun ? 'executable' : `Node.js ${process.version}`}`)
  const {target, warnings} = await resolveTarget(
    {
      address: flags.address,
      apiKeyFile: flags['api-key-file'],
      socket: flags.socket,
      config: flags.config,
      insecure: flags.insecure,
      caFile: flags['ca-file'],
      timeout: flags.timeout,
      metricsAddress: flags['metrics-address'],
    },
    {env: io.env, home: io.home, cwd: io.cwd, trace: io.debug},
  )
  for (const warning of warnings) io.warn(warning)
  return target
}

interface Purpose {
  /** The command only reads, so a cached release is enough. */
  reading: boolean
  dryRun?: boolean
  /** The command shows by itself what it waits for. */
  quiet?: boolean
}

async function connectTo(target: ServerTarget, io: Io, {reading, dryRun, quiet}: Purpose): Promise<Connection> {
  const {env, home, now, debug} = io
  const server = describeTarget(target)
  const showsWaits = io.errIsTerminal && quiet !== true
  const endWait = showsWaits ? io.waitFor(server) : () => {}
  try {
    const connection = await connect(target, {
      env,
      home,
      now,
      readsOnly: reading,
      dryRun: dryRun === true,
      trace: debug,
      waiting: showsWaits ? (what) => io.waitFor(`${server} (${what})`) : undefined,
    })
    for (const warning of connection.warnings) io.warn(warning)
    return connection
  } finally {
    endWait()
  }
}

/**
 * @param reading the command only reads, so a cached release is enough
 * @throws HeadscaleError for an invalid configuration, or a server that cannot be reached
 */
export async function connectFromFlags(
  flags: ConnectionFlagValues,
  io: Io,
  {reading}: {reading: boolean},
): Promise<Connection> {
  return connectTo(await findServer(flags, io), io, {reading, dryRun: flags['dry-run'] === true})
}

/** Does the work of a command on the server that its flags name. @throws HeadscaleError as onTarget and findServer */
export async function onServer<Result>(
  flags: ConnectionFlagValues,
  io: Io,
  {reading}: {reading: boolean},
  work: (api: ControlApi) => Promise<Result>,
): Promise<{result: Result; server: ServerFacts}> {
  return onTarget(await findServer(flags, io), io, {reading, dryRun: flags['dry-run'] === true}, work)
}

/**
 * Does work on a server. If the release came from the cache and the replies do not match it, the release is detected and
 * the work starts again: nothing was changed before.
 */
export async function onTarget<Result>(
  target: ServerTarget,
  io: Io,
  purpose: Purpose,
  work: (api: ControlApi) => Promise<Result>,
): Promise<{result: Result; server: ServerFacts}> {
  const {api, remembered, close} = await connectTo(target, io, purpose)
  try {
    return {result: await work(api), server: api.server}
  } catch (error) {
    if (!remembered || !mayBeAnotherRelease(error)) throw error
  } finally {
    close()
    if (!purpose.reading && purpose.dryRun !== true) (await import('./completion/live/forget-names.ts')).forgetNames(io)
  }
  io.debug?.('the remembered release may be wrong; starting again')
  return onTarget(target, io, {...purpose, reading: false}, work)
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
