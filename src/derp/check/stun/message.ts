/**
 * STUN as DERP servers use it: the bytes of a request and the meaning of an answer.
 *
 * derper and headscale answer only a request whose SOFTWARE attribute is `tailnode` and whose FINGERPRINT comes last
 * (tailscale net/stun), so a general STUN library gets no answer. A server that listens on `[::]` answers an
 * IPv4 sender with a mapped IPv6 address, which is converted back here. Sockets and retries are in probe.ts.
 */
import {crc32} from 'node:zlib'

const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const MAGIC_COOKIE = 0x2112a442
const HEADER = 20
const ATTR_MAPPED_ADDRESS = 0x0001
const ATTR_XOR_MAPPED_ADDRESS = 0x0020
/** The number that some servers used before the attribute was standardized. */
const ATTR_XOR_MAPPED_ADDRESS_OLD = 0x8020
const ATTR_SOFTWARE = 0x8022
const ATTR_FINGERPRINT = 0x8028
const FINGERPRINT_XOR = 0x5354554e
const SOFTWARE = 'tailnode'

/** Where the server saw the request come from. */
export interface MappedAddress {
  address: string
  port: number
}

/** The 40 bytes of a binding request. `transactionId` has 12 bytes. */
export function encodeStunRequest(transactionId: Uint8Array): Buffer {
  const packet = Buffer.alloc(40)
  packet.writeUInt16BE(BINDING_REQUEST, 0)
  packet.writeUInt16BE(packet.length - HEADER, 2)
  packet.writeUInt32BE(MAGIC_COOKIE, 4)
  packet.set(transactionId, 8)
  packet.writeUInt16BE(ATTR_SOFTWARE, 20)
  packet.writeUInt16BE(SOFTWARE.length, 22)
  packet.write(SOFTWARE, 24, 'latin1')
  packet.writeUInt16BE(ATTR_FINGERPRINT, 32)
  packet.writeUInt16BE(4, 34)
  packet.writeUInt32BE((crc32(packet.subarray(0, 32)) ^ FINGERPRINT_XOR) >>> 0, 36)
  return packet
}

/** The transaction a STUN packet belongs to (24 hex digits), or null when it is no STUN packet. */
export function stunTransaction(packet: Buffer): string | null {
  if (packet.length < HEADER || packet.readUInt32BE(4) !== MAGIC_COOKIE) return null
  return packet.toString('hex', 8, HEADER)
}

/** The address in a binding success, or null when the packet is none or is damaged. Bytes after its length are ignored. */
export function decodeStunResponse(packet: Buffer): MappedAddress | null {
  if (stunTransaction(packet) === null || packet.readUInt16BE(0) !== BINDING_SUCCESS) return null
  const end = HEADER + packet.readUInt16BE(2)
  if (end > packet.length) return null
  let fallback: MappedAddress | null = null
  for (let at = HEADER; at + 4 <= end;) {
    const type = packet.readUInt16BE(at)
    const length = packet.readUInt16BE(at + 2)
    const value = packet.subarray(at + 4, at + 4 + length)
    if (at + 4 + length > end) return null
    if (type === ATTR_XOR_MAPPED_ADDRESS || type === ATTR_XOR_MAPPED_ADDRESS_OLD) {
      const mapped = decodeAddress(value, packet.subarray(4, HEADER))
      if (mapped !== null) return mapped
    }
    if (type === ATTR_MAPPED_ADDRESS) fallback ??= decodeAddress(value, null)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return fallback
}

/** `mask` is cookie and transaction id, with which the XOR form is hidden; null for the plain form. */
function decodeAddress(value: Buffer, mask: Buffer | null): MappedAddress | null {
  const family = value[1]
  const size = family === 1 ? 4 : family === 2 ? 16 : 0
  if (size === 0 || value.length !== 4 + size) return null
  const port = value.readUInt16BE(2) ^ (mask === null ? 0 : MAGIC_COOKIE >>> 16)
  const bytes = Buffer.from(value.subarray(4))
  if (mask !== null) for (let i = 0; i < size; i++) bytes[i] = bytes[i]! ^ mask[i]!
  return {address: formatAddress(bytes), port}
}

const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex')

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.subarray(0, 12).equals(MAPPED_PREFIX)) return bytes.subarray(12).join('.')
  const groups = Array.from({length: 8}, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  // the URL parser shortens an IPv6 address by RFC 5952
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
