/**
 * What moves one call to a headscale server and its reply back. A transport knows how an operation travels
 * (operations.ts) and nothing of users, nodes or releases; whatever carried it, a dialect gets the same plain
 * proto-JSON object. Failures arrive as HeadscaleError, mapped in one place per transport.
 */
import type {OperationId} from '../operations.ts'

/** A request or reply in proto-JSON spelling: lowerCamelCase names, 64-bit ids as decimal strings, RFC 3339 times. */
export type WireMessage = Record<string, unknown>

export interface Transport {
  /**
   * Sends one operation and resolves with its reply. Fields that are undefined are not sent.
   * Reads may be repeated once after a broken connection, writes never.
   * @throws HeadscaleError for everything the server or the network refuses
   */
  call(operation: OperationId, request: WireMessage): Promise<WireMessage>
  /** Ends the connection; calls still under way fail. Calling it twice does no harm. */
  close(): void
}
