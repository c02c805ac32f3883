/** The address that clients use, for lines that a client runs. It is never guessed: without it there is no line. */
import type {ServerFacts} from '../api/control-api.ts'
import {serverUrlOf} from '../config/server-url.ts'
import {usageError} from '../errors.ts'
import {isLoopback} from '../system/addresses.ts'
import {quoted} from './args/quoted.ts'
import type {Io} from './io/io.ts'

/** Characters that mean the same in every shell, and in every client. */
const PLAIN = /^https?:\/\/[\w.:[\]-]+(?:\/[\w./~-]*)?$/

/** Checks `--server-url`. @throws HeadscaleError (usage) */
export function parseServerUrl(text: string): string {
  const url = readUrl(text)
  if (url !== null) return url
  throw usageError(
    `invalid value ${quoted(text)} for --server-url`,
    'write server_url of the server, for example https://headscale.example.com',
  )
}

/**
 * `--server-url`, otherwise server_url in the config file of a server on this machine, otherwise the address of its REST
 * API. An address that leads to this machine is not believed where a config file has another.
 *
 * @param given the value of `--server-url`, checked
 * @param config the value of `--config`
 * @throws HeadscaleError (usage) if none of them is known
 */
export async function loginServer(
  {address, socketPath}: Pick<ServerFacts, 'address' | 'socketPath'>,
  {given, config}: {given: string | undefined; config: string | undefined},
  io: Io,
): Promise<string> {
  if (given !== undefined) return given
  const remote = address === null ? null : readUrl(address)
  if (remote !== null && !isLoopback(new URL(remote).hostname)) return remote
  const found = await serverUrlOf(socketPath, config, io)
  const url = (found === null ? null : readUrl(found)) ?? remote
  if (url !== null) return url
  throw usageError(
    'the address of the server for clients is not known',
    "pass --server-url URL, or headscale's config file with -c",
  )
}

function readUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text).href.replace(/\/+$/, '')
  return PLAIN.test(url) ? url : null
}
