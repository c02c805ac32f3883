/** The other end does not follow HTTP/2 (RFC 9113) or HPACK (RFC 7541), or does not speak HTTP/2 at all. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}
