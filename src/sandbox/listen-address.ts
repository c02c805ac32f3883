/**
 * `HOST:PORT` as people write it for something that listens. IPv6 stands in brackets.
 */
import {usageError} from '../errors.ts'

/** @throws HeadscaleError when it is no host and port */
export function parseListen(text: string): {host: string; port: number} {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port > 65_535) {
    throw usageError(
      `${JSON.stringify(text)} is no address to listen on`,
      'write HOST:PORT, as in 127.0.0.1:8080 or [::1]:8080; port 0 is any free one',
    )
  }
  return {host, port}
}
