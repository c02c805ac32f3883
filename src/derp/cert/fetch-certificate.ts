/**
 * The certificate that a relay presents now. It is not verified: a user who pins it trusts this connection. Use it
 * over a trusted network, or compare the result with the file on the relay.
 */
import {HeadscaleError} from '../../errors.ts'
import {openTls, rootlessContext} from '../net/connection.ts'
import {tcpFault, tlsFault} from '../net/fault.ts'
import type {LeafCertificate} from './pin.ts'

/**
 * Fetches the certificate of a relay.
 * @throws HeadscaleError (unreachable) when there is no TLS connection
 */
export async function fetchCertificate(
  {host, port}: {host: string; port: number},
  {timeoutMs = 10_000, signal}: {timeoutMs?: number; signal: AbortSignal},
): Promise<LeafCertificate> {
  let tcpIsUp = false
  const onTcp = (): void => {
    tcpIsUp = true
  }
  try {
    const secure = await openTls(
      {address: host, port},
      {serverName: host, context: rootlessContext(), onTcp},
      {timeoutMs, signal},
    )
    secure.connection.close()
    const {leaf, certificates} = secure.certificate
    return {leaf, certificates}
  } catch (cause) {
    signal.throwIfAborted()
    const {message} = tcpIsUp ? tlsFault(cause) : tcpFault(cause)
    throw new HeadscaleError('unreachable', `no certificate from ${host}:${port}: ${message}`, {
      hint: `headscale-ts derp check ${host}:${port} shows the details`,
      cause,
    })
  }
}
