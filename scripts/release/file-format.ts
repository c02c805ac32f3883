/** What kind of executable a file is, by its header. */
import {closeSync, openSync, readSync} from 'node:fs'

const ELF_MACHINES: Readonly<Record<number, string>> = {62: 'x64', 183: 'arm64'}
const MACH_O_CPUS: Readonly<Record<number, string>> = {0x01000007: 'x64', 0x0100000c: 'arm64'}
const PE_MACHINES: Readonly<Record<number, string>> = {0x8664: 'x64', 0xaa64: 'arm64'}

/** `ELF x64, /lib64/ld-linux-x86-64.so.2`, `Mach-O arm64`, `PE x64`, or `unknown`; of ELF with its loader, which tells glibc from musl. */
export function formatOf(path: string): string {
  const bytes = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  try {
    readSync(file, bytes, 0, bytes.length, 0)
    if (bytes.readUInt32BE(0) === 0x7f454c46)
      return `ELF ${ELF_MACHINES[bytes.readUInt16LE(18)]}, ${elfLoader(bytes, file)}`
    if (bytes.readUInt32LE(0) === 0xfeedfacf) return `Mach-O ${MACH_O_CPUS[bytes.readUInt32LE(4)]}`
    if (bytes.toString('latin1', 0, 2) !== 'MZ') return 'unknown'
    const header = bytes.readUInt32LE(0x3c)
    return header < 4000 && bytes.toString('latin1', header, header + 4) === 'PE\0\0'
      ? `PE ${PE_MACHINES[bytes.readUInt16LE(header + 4)]}`
      : 'unknown'
  } finally {
    closeSync(file)
  }
}

/** The text of the PT_INTERP segment of a 64-bit little-endian file. */
function elfLoader(bytes: Buffer, file: number): string {
  const INTERP = 3
  const table = Number(bytes.readBigUInt64LE(32))
  const [size, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  const segments = Array.from({length: count}, (_, i) => {
    const header = Buffer.alloc(size)
    readSync(file, header, 0, size, table + i * size)
    return header
  })
  const found = segments.find((header) => header.readUInt32LE(0) === INTERP)
  if (!found) return 'without a loader'
  const text = Buffer.alloc(Number(found.readBigUInt64LE(32)))
  readSync(file, text, 0, text.length, Number(found.readBigUInt64LE(8)))
  return text.toString('latin1').replace(/\0+$/, '')
}
