/**
 * The certificate a relay presents now. Nobody vouches for it: whoever pins it trusts the way there once,
 * so it is for relays that are asked over a way one trusts, or compared with the file.
 */
import {HeadscaleError} from '../../errors.ts'
import {openTls, rootlessContext} from '../net/connection.ts'
import {tcpFault, tlsFault} from '../net/fault.ts'
import type {LeafCertificate} from './pin.ts'

/**
 * Asks a relay for its certificate.
 * @throws HeadscaleError (unreachable) when no TLS comes about
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
    throw new HeadscaleError('unreachable', `${host}:${port} presents no certificate: ${message}`, {
      hint: `headscale-ts derp check ${host}:${port} says more`,
      cause,
    })
  }
}
