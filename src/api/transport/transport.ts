/**
 * Sends one call to a headscale server and returns its reply. A transport knows how to send an operation
 * (operations.ts), but not users, nodes or releases; every transport returns the same plain proto-JSON object. Errors
 * are HeadscaleErrors, converted in one place per transport.
 */
import type {OperationId} from '../operations.ts'

/** A request or reply in proto-JSON spelling: lowerCamelCase names, 64-bit ids as decimal strings, RFC 3339 times. */
export type WireMessage = Record<string, unknown>

export interface Transport {
  /**
   * Sends one operation and returns its reply. Undefined fields are not sent.
   * A read may be sent again once after a broken connection, a write never.
   * @throws HeadscaleError for any error of the server or the network
   */
  call(operation: OperationId, request: WireMessage): Promise<WireMessage>
  /** Closes the connection; open calls fail. Can be called twice. */
  close(): void
}
