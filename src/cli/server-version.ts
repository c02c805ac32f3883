/** The server part of `version`. Without a configured server, a missing server is not an error. */
import type {ServerFacts} from '../api/control-api.ts'
import type {Source} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import {connectFromFlags} from './connection.ts'
import type {Io} from './io/io.ts'

/**
 * @returns null, with a note on standard error, if no server is configured and none listens at the default locations
 * @throws HeadscaleError for a configured server that does not answer
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

/** Whether the socket that failed is a default location (`source` of the error, set when connecting). */
function isDefault(source: unknown): boolean {
  return (source as Source | undefined)?.kind === 'default'
}
