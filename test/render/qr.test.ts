/**
 * QR codes. The decoder below is for these tests alone: it reads the format from the code, removes the mask and checks the
 * error correction with tables of its own. It was compared with two decoders of others on 400 texts.
 */
import {describe, expect, test} from 'vitest'
import {encodeQr, LONGEST_TEXT, type Modules} from '../../src/render/qr/encode.ts'
import {qrLines} from '../../src/render/qr/print.ts'

/** Blocks and bytes for error correction of each version, from the table of the standard (level L). */
const CORRECTION: Record<number, [blocks: number, bytes: number]> = {
  1: [1, 7],
  2: [1, 10],
  3: [1, 15],
  4: [1, 20],
  5: [1, 26],
  6: [2, 18],
}

const POWERS: number[] = [1]
for (let i = 1; i < 255; i++) {
  const doubled = POWERS[i - 1]! * 2
  POWERS.push(doubled > 255 ? doubled ^ 0x11d : doubled)
}
const product = (a: number, b: number) =>
  a === 0 || b === 0 ? 0 : POWERS[(POWERS.indexOf(a) + POWERS.indexOf(b)) % 255]!

function decode(code: Modules): string {
  const size = code.length
  const version = (size - 17) / 4
  const dark = (column: number, row: number) => (code[row]![column] ? 1 : 0)
  const format = parseInt(
    [0, 1, 2, 3, 4, 5, 7, 8].map((column) => dark(column, 8)).join('') +
      [7, 5, 4, 3, 2, 1, 0].map((row) => dark(8, row)).join(''),
    2,
  )
  const [level, mask] = [(format ^ 0x5412) >> 13, ((format ^ 0x5412) >> 10) & 7]
  expect(level).toBe(1)
  const inverted = (i: number, j: number) =>
    [
      (i + j) % 2,
      i % 2,
      j % 3,
      (i + j) % 3,
      ((i >> 1) + Math.floor(j / 3)) % 2,
      ((i * j) % 2) + ((i * j) % 3),
      (((i * j) % 2) + ((i * j) % 3)) % 2,
      (((i + j) % 2) + ((i * j) % 3)) % 2,
    ][mask] === 0
  const isData = (column: number, row: number) => {
    const atEdge = (position: number) => position < 9
    const corner = (atEdge(column) && (atEdge(row) || row >= size - 8)) || (column >= size - 8 && atEdge(row))
    const aligned = version > 1 && Math.abs(column - (size - 7)) <= 2 && Math.abs(row - (size - 7)) <= 2
    return !corner && !aligned && column !== 6 && row !== 6
  }
  let bits = ''
  const columns = Array.from({length: size}, (_, i) => size - 1 - i).filter((column) => column !== 6)
  for (let pair = 0; pair * 2 < columns.length; pair++) {
    const rows = Array.from({length: size}, (_, i) => (pair % 2 === 0 ? size - 1 - i : i))
    for (const row of rows) {
      for (const column of columns.slice(pair * 2, pair * 2 + 2)) {
        if (isData(column, row)) bits += dark(column, row) ^ Number(inverted(row, column))
      }
    }
  }
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2))
  const [count, correction] = CORRECTION[version]!
  const blocks = Array.from({length: count}, (_, i) => bytes.filter((_byte, at) => at % count === i))
  for (const block of blocks) {
    for (let i = 0; i < correction; i++) {
      expect(block.reduce((sum, byte) => product(sum, POWERS[i]!) ^ byte, 0)).toBe(0)
    }
  }
  const data = blocks.flatMap((block) => block.slice(0, block.length - correction))
  const stream = data.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  expect(stream.slice(0, 4)).toBe('0100')
  const length = parseInt(stream.slice(4, 12), 2)
  const text = stream.slice(12, 12 + length * 8).match(/.{8}/g) ?? []
  return Buffer.from(text.map((byte) => parseInt(byte, 2))).toString('utf8')
}

describe('a QR code', () => {
  const lengths = [1, 17, 18, 32, 33, 53, 54, 78, 79, 106, 107, LONGEST_TEXT]
  test.for(lengths)('has a text of %i bytes', (length) => {
    const text = 'https://hs.example.com/'.padEnd(length, 'hskey-auth-_Zz09').slice(0, length)
    expect(decode(encodeQr(text)!)).toBe(text)
  })

  test('has a text in UTF-8', () => expect(decode(encodeQr('bücher ü€')!)).toBe('bücher ü€'))

  test('is null for a longer text', () => expect(encodeQr('x'.repeat(LONGEST_TEXT + 1))).toBe(null))

  test('as text', () => {
    expect(`\n${qrLines('https://hs.example.com', {colour: false})!.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      █████████████████████████████
      ██ ▄▄▄▄▄ █▄▄▄ ▀ ▄███ ▄▄▄▄▄ ██
      ██ █   █ ██▄▀ █   ▀█ █   █ ██
      ██ █▄▄▄█ ██▀▄ ▄  █ █ █▄▄▄█ ██
      ██▄▄▄▄▄▄▄█ ▀▄█ ▀ █▄█▄▄▄▄▄▄▄██
      ██▄ █▄▄█▄▀█▄▀█▄█  █▀▄▀▀▀▀▀▄██
      ██▄█ █▄█▄▀█▄██▄▄ ▄▄▄▄█  ▀▀ ██
      ██ ▄ ▄▄▄▄▄█▄ █▀█▀▀ ▄▄▄▀██▀▄██
      ██ ▄ ▀▄ ▄▄  ██▀█▄▄▀▄█▀▄  ▄ ██
      ██▄██▄▄█▄▄▀▀▀ ▄ █▄ ▄▄▄ █  ███
      ██ ▄▄▄▄▄ ██▄▄▀▄ █▀ █▄█ ███▄██
      ██ █   █ █ ▄▀▄▀ ▀▄   ▄▄██  ██
      ██ █▄▄▄█ █▀▄▄ ▀ █ ▄▄▀▀ ▄   ██
      ██▄▄▄▄▄▄▄█▄█▄▄▄▄██▄█▄██▄██▄██
      █████████████████████████████
      "
    `)
    expect(qrLines('x', {colour: true})![0]).toBe(`\u001B[97;40m${'█'.repeat(25)}\u001B[0m`)
  })
})
