/**
 * A QR code of a short text: bytes, the lowest level of error correction, versions 1 to 6 (ISO/IEC 18004). Larger versions
 * do not fit a terminal, and this is all that a code on a screen needs.
 */

/** Data and error correction bytes of each block, and the number of blocks, by version. */
const BLOCKS = [
  {data: 19, correction: 7, count: 1},
  {data: 34, correction: 10, count: 1},
  {data: 55, correction: 15, count: 1},
  {data: 80, correction: 20, count: 1},
  {data: 108, correction: 26, count: 1},
  {data: 68, correction: 18, count: 2},
] as const

/** The longest text, in bytes of UTF-8. */
export const LONGEST_TEXT = 134

/** Whether each module of a row is dark; without the quiet zone. */
export type Modules = boolean[][]

/** @returns rows of modules; null for a text longer than LONGEST_TEXT */
export function encodeQr(text: string): Modules | null {
  const bytes = [...Buffer.from(text, 'utf8')]
  const version = BLOCKS.findIndex(({data, count}) => bytes.length + 2 <= data * count) + 1
  if (version === 0) return null
  const bits = withCorrection(dataBytes(bytes, version), version).flatMap((byte) => bitsOf(byte, 8))
  const candidates = MASKS.map((_, mask) => drawn(bits, version, mask))
  const penalties = candidates.map(penaltyOf)
  return candidates[penalties.indexOf(Math.min(...penalties))]!
}

function bitsOf(value: number, length: number): number[] {
  return Array.from({length}, (_, i) => (value >>> (length - 1 - i)) & 1)
}

/** Mode and length, the bytes, and what fills the rest. */
function dataBytes(bytes: readonly number[], version: number): number[] {
  const {data, count} = BLOCKS[version - 1]!
  const bits = [...bitsOf(4, 4), ...bitsOf(bytes.length, 8), ...bytes.flatMap((byte) => bitsOf(byte, 8)), 0, 0, 0, 0]
  const packed = Array.from({length: bits.length / 8}, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2))
  const padding = Array.from({length: data * count - packed.length}, (_, i) => (i % 2 === 0 ? 0xec : 0x11))
  return [...packed, ...padding]
}

/** The bytes of all blocks in turn, then their error correction in turn. */
function withCorrection(bytes: readonly number[], version: number): number[] {
  const {data, correction, count} = BLOCKS[version - 1]!
  const blocks = Array.from({length: count}, (_, i) => bytes.slice(i * data, (i + 1) * data))
  const inTurn = (parts: readonly number[][]) => parts[0]!.flatMap((_, i) => parts.map((part) => part[i]!))
  return [...inTurn(blocks), ...inTurn(blocks.map((block) => remainder(block, generator(correction))))]
}

/** Product in the field of 256 elements with the polynomial 0x11d. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

/** Coefficients of (x - 1)(x - 2)(x - 4)…, without the first, which is 1. */
function generator(degree: number): number[] {
  let coefficients = Array.from({length: degree}, (_, i) => Number(i === degree - 1))
  let root = 1
  for (let i = 0; i < degree; i++) {
    coefficients = coefficients.map((value, j) => multiply(value, root) ^ (coefficients[j + 1] ?? 0))
    root = multiply(root, 2)
  }
  return coefficients
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  let rest = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ rest[0]!
    rest = [...rest.slice(1), 0].map((value, i) => value ^ multiply(divisor[i]!, factor))
  }
  return rest
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

function drawn(bits: readonly number[], version: number, mask: number): Modules {
  const size = 17 + version * 4
  const cells: (boolean | null)[][] = Array.from({length: size}, () => Array<boolean | null>(size).fill(null))
  const set = (x: number, y: number, dark: boolean) => {
    if (x >= 0 && y >= 0 && x < size && y < size) cells[y]![x] = dark
  }
  const square = (centreX: number, centreY: number, radius: number, isDark: (distance: number) => boolean) => {
    for (let y = -radius; y <= radius; y++) {
      for (let x = -radius; x <= radius; x++) {
        set(centreX + x, centreY + y, isDark(Math.max(Math.abs(x), Math.abs(y))))
      }
    }
  }
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    square(x, y, 4, (distance) => distance !== 2 && distance !== 4)
  }
  if (version > 1) square(size - 7, size - 7, 2, (distance) => distance !== 1)
  drawFormat(mask, size, set)
  let next = 0
  for (const [x, y] of path(size)) {
    if (cells[y]![x] !== null) continue
    set(x, y, (bits[next++] === 1) !== MASKS[mask]!(x, y))
  }
  return cells.map((row) => row.map((cell) => cell === true))
}

/** The level of error correction and the mask, twice, with an error correction of their own; and one dark module. */
function drawFormat(mask: number, size: number, set: (x: number, y: number, dark: boolean) => void): void {
  const data = (1 << 3) | mask
  let rest = data
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const format = ((data << 10) | rest) ^ 0x5412
  for (let i = 0; i < 15; i++) {
    const dark = ((format >>> i) & 1) === 1
    if (i < 8) set(size - 1 - i, 8, dark)
    else set(8, size - 15 + i, dark)
    if (i < 6) set(8, i, dark)
    else if (i < 8) set(8, i + 1, dark)
    else if (i === 8) set(7, 8, dark)
    else set(14 - i, 8, dark)
  }
  set(8, size - 8, true)
}

/** The cells in the order of the bits: two columns at a time from the right, up and down in turn, without column 6. */
function* path(size: number): Generator<[x: number, y: number]> {
  let upwards = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let i = 0; i < size; i++) {
      const y = upwards ? size - 1 - i : i
      yield [right, y]
      yield [right - 1, y]
    }
    upwards = !upwards
  }
}

/** How hard the code is to scan: long runs, blocks, what looks like a corner, more dark than light. */
function penaltyOf(modules: Modules): number {
  const size = modules.length
  const columns = modules.map((_, x) => modules.map((row) => row[x]!))
  let penalty = 0
  for (const line of [...modules, ...columns]) {
    const text = line.map(Number).join('')
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2
    penalty += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const cell = modules[y]![x]
      if (cell === modules[y]![x - 1] && cell === modules[y - 1]![x] && cell === modules[y - 1]![x - 1]) penalty += 3
    }
  }
  const dark = modules.flat().filter(Boolean).length
  return penalty + 10 * Math.floor(Math.abs((dark * 100) / (size * size) - 50) / 5)
}
