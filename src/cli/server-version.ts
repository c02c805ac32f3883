/** What `version` says of the server: its facts, or nothing where none was named and none is at the usual places. */
import type {ServerFacts} from '../api/control-api.ts'
import {HeadscaleError} from '../errors.ts'
import {connectFromFlags} from './connection.ts'
import type {Io} from './io.ts'

/**
 * @returns null, with a remark on stderr, where no server was named anywhere and none listens at the usual places
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
    if (!(error instanceof HeadscaleError) || error.details.source !== 'the usual place') throw error
    io.err(`note: no server here: ${error.message}\n`)
    return null
  }
}
