/** What `version` says of the server: its facts, or nothing where no server was named and none is at the default locations. */
import type {ServerFacts} from '../api/control-api.ts'
import type {Source} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import {connectFromFlags} from './connection.ts'
import type {Io} from './io.ts'

/**
 * @returns null, with a note on standard error, where no server was named and none listens at the default locations
 * @throws HeadscaleError for a server that was named and cannot be asked
 */
export async function serverVersion(
  flags: Parameters<typeof connectFromFlags>[0],
  io: Io,
): Promise<ServerFacts | null> {
  try {
    const {api, close} = await connectFromFlags(flags, io, {reading: false})
    close()
    return api.server
  } catch (error) {
    if (!(error instanceof HeadscaleError) || !isDefault(error.details.source)) throw error
    io.note(`no server found: ${error.message}`)
    return null
  }
}

/** Whether the server that failed was named by nobody (`source` of the error, set when connecting). */
function isDefault(source: unknown): boolean {
  return (source as Source | undefined)?.kind === 'default'
}
