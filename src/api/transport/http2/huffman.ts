/** The Huffman code of HPACK header strings (RFC 7541, 5.2 and appendix B), decoding only. */
import {ProtocolError} from './protocol-error.ts'

/**
 * The length of the code of each byte in bits, as a digit of base 36. The code is canonical: codes of one length are
 * consecutive numbers in the order of their bytes, so the lengths define it.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq'

const LONGEST = 30

interface Table {
  /** The bytes, ordered by the length of their codes. */
  bytes: Uint8Array
  /** By length: the first code, the number of codes, and the index of the first one in `bytes`. */
  first: number[]
  count: number[]
  offset: number[]
}

let table: Table | null = null

function createTable(): Table {
  const lengths = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36))
  const bytes = new Uint8Array(lengths.map((_, byte) => byte).toSorted((a, b) => lengths[a]! - lengths[b]! || a - b))
  const first: number[] = []
  const count: number[] = []
  const offset: number[] = []
  for (let length = 1, code = 0, index = 0; length <= LONGEST; length++) {
    code *= 2
    first[length] = code
    offset[length] = index
    count[length] = lengths.filter((other) => other === length).length
    code += count[length]!
    index += count[length]!
  }
  return {bytes, first, count, offset}
}

/** @throws ProtocolError for a code that does not exist, or more than seven bits of padding */
export function decodeHuffman(coded: Uint8Array): Uint8Array {
  const {bytes, first, count, offset} = (table ??= createTable())
  const decoded: number[] = []
  let code = 0
  let length = 0
  for (const byte of coded) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1)
      length++
      const index = code - (first[length] ?? 0)
      if (length > LONGEST) throw new ProtocolError('invalid Huffman code')
      if (index < count[length]!) {
        decoded.push(bytes[offset[length]! + index]!)
        code = 0
        length = 0
      }
    }
  }
  // What remains is padding: the first bits of the code for the end, which are ones.
  if (length > 7 || code !== 2 ** length - 1) throw new ProtocolError('invalid padding of a Huffman code')
  return new Uint8Array(decoded)
}
