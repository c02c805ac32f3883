/** Sets of small numbers, for many sources and many rules. No set is changed after it was made. */
export type Bits = Uint32Array

export function bitsOf(size: number, members: Iterable<number>): Bits {
  const bits = new Uint32Array(Math.ceil(size / 32))
  for (const member of members) bits[member >>> 5]! |= 1 << (member & 31)
  return bits
}

export function union(a: Bits, b: Bits): Bits {
  return a === b ? a : a.map((word, i) => word | b[i]!)
}

export function without(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word & ~b[i]!)
}

export function common(a: Bits, b: Bits): Bits {
  return a === b ? a : a.map((word, i) => word & b[i]!)
}

export function isEmpty(bits: Bits): boolean {
  return bits.every((word) => word === 0)
}

export function isSame(a: Bits, b: Bits): boolean {
  return a === b || a.every((word, i) => word === b[i])
}

export function members(bits: Bits): number[] {
  const found: number[] = []
  for (const [i, word] of bits.entries()) {
    for (let left = word; left !== 0; left &= left - 1) found.push(i * 32 + 31 - Math.clz32(left & -left))
  }
  return found
}
