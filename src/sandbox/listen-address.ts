/** `HOST:PORT` of something that listens. IPv6 addresses are in brackets. */
import {usageError} from '../errors.ts'

/** @throws HeadscaleError when it is not a host and a port */
export function parseListen(text: string): {host: string; port: number} {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65_535) {
    throw usageError(
      `invalid address to listen on ${JSON.stringify(text)}`,
      'expected HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080; port 0 means any free port',
    )
  }
  return {host, port}
}
