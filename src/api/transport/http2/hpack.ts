/** HPACK, the compression of HTTP/2 headers (RFC 7541). */
import {decodeHuffman} from './huffman.ts'
import {ProtocolError} from './protocol-error.ts'

/** Names in lower case, as HTTP/2 sends them. */
export type Headers = Record<string, string>

/** The static table (RFC 7541, appendix A) from index 1 on. A value follows its name after "=". */
const STATIC: readonly (readonly [name: string, value: string])[] = (
  ':authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|' +
  ':status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|' +
  'accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|' +
  'content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|' +
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|' +
  'last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|' +
  'server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'
)
  .split('|')
  .map((entry) => {
    const [name = '', value = ''] = entry.split('=', 2)
    return [name, value]
  })

/** Bytes of the dynamic table, which is the size that holds if an endpoint does not announce another. */
const TABLE_SIZE = 4096
/** Bytes of the headers of one block when they are decoded. A few bytes can stand for a long entry of the table. */
const LARGEST_HEADERS = 256 * 1024

/** Decodes the header blocks of one connection, in the order in which they arrive. */
export class HeaderDecoder {
  /** The newest entry first. */
  private readonly entries: (readonly [name: string, value: string])[] = []
  private limit = TABLE_SIZE
  private size = 0

  /** @throws ProtocolError */
  decode(block: Uint8Array): Headers {
    const input = new Input(block)
    const headers: Headers = Object.create(null) as Headers
    let total = 0
    while (!input.isEmpty) {
      const first = input.peek()
      if ((first & 0xe0) === 0x20) {
        this.resize(input.integer(5))
        continue
      }
      const indexed = (first & 0x80) !== 0
      const stored = (first & 0xc0) === 0x40
      const index = input.integer(indexed ? 7 : stored ? 6 : 4)
      const [name, value] = indexed
        ? this.entry(index)
        : [index === 0 ? input.text() : this.entry(index)[0], input.text()]
      if (stored) this.add(name, value)
      total += entrySize(name, value)
      if (total > LARGEST_HEADERS) throw new ProtocolError('the headers are too large')
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
    }
    return headers
  }

  private entry(index: number): readonly [name: string, value: string] {
    const entry = index <= STATIC.length ? STATIC[index - 1] : this.entries[index - STATIC.length - 1]
    if (entry === undefined) throw new ProtocolError(`there is no header ${index} in the table`)
    return entry
  }

  private add(name: string, value: string): void {
    this.entries.unshift([name, value])
    this.size += entrySize(name, value)
    this.evict()
  }

  private resize(limit: number): void {
    if (limit > TABLE_SIZE) throw new ProtocolError('the header table is too large')
    this.limit = limit
    this.evict()
  }

  private evict(): void {
    while (this.size > this.limit) this.size -= entrySize(...this.entries.pop()!)
  }
}

/** The size of an entry of the table (RFC 7541, 4.1). */
function entrySize(name: string, value: string): number {
  return name.length + value.length + 32
}

class Input {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get isEmpty(): boolean {
    return this.at >= this.bytes.length
  }

  peek(): number {
    return this.bytes[this.at]!
  }

  private next(): number {
    if (this.isEmpty) throw new ProtocolError('a header block ends too early')
    return this.bytes[this.at++]!
  }

  /** An integer whose first byte has this number of bits for it (RFC 7541, 5.1). */
  integer(bits: number): number {
    const most = 2 ** bits - 1
    let value = this.next() & most
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.next()
      value += (byte & 0x7f) * 2 ** shift
      if (value > 2 ** 31) throw new ProtocolError('a number in a header block is too large')
      if (byte < 0x80) return value
    }
  }

  /** A string, with Huffman code or without (RFC 7541, 5.2). */
  text(): string {
    const coded = !this.isEmpty && (this.peek() & 0x80) !== 0
    const length = this.integer(7)
    const end = this.at + length
    if (end > this.bytes.length) throw new ProtocolError('a header block ends too early')
    const bytes = this.bytes.subarray(this.at, end)
    this.at = end
    return Buffer.from(coded ? decodeHuffman(bytes) : bytes).toString('latin1')
  }
}

/** Encodes headers without the tables' values, which needs no state and is as short as one call needs. */
export function encodeHeaders(headers: Headers): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, value] of Object.entries(headers)) {
    const index = STATIC.findIndex(([other]) => other === name) + 1
    parts.push(encodeInteger(4, index))
    for (const text of index === 0 ? [name, value] : [value]) {
      const bytes = Buffer.from(text, 'latin1')
      parts.push(encodeInteger(7, bytes.length), bytes)
    }
  }
  return Buffer.concat(parts)
}

/** An integer in the form of RFC 7541, 5.1, with zeros in the rest of the first byte. */
function encodeInteger(bits: number, value: number): Uint8Array {
  const most = 2 ** bits - 1
  if (value < most) return Uint8Array.of(value)
  const bytes = [most]
  let rest = value - most
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.of(...bytes, rest)
}
