/** A QR code for a terminal: two rows of modules in one line of text. */
import {encodeQr} from './encode.ts'

/** Light modules around the code, which scanners need. */
const QUIET = 2

/**
 * @param colour whether the terminal shows colours: then the code is dark on light on every terminal, otherwise on those with
 *   a dark background
 * @returns lines; null for a text that is too long
 */
export function qrLines(text: string, {colour}: {colour: boolean}): string[] | null {
  const modules = encodeQr(text)
  if (modules === null) return null
  const size = modules.length
  const isLight = (x: number, y: number) => modules[y]?.[x] !== true
  const places = (length: number, step: number) =>
    Array.from({length: Math.ceil(length / step)}, (_, i) => i * step - QUIET)
  return places(size + 2 * QUIET, 2).map((y) => {
    const cells = places(size + 2 * QUIET, 1).map((x) => {
      const [above, below] = [isLight(x, y), isLight(x, y + 1)]
      return above ? (below ? '█' : '▀') : below ? '▄' : ' '
    })
    return colour ? `\u001B[97;40m${cells.join('')}\u001B[0m` : cells.join('')
  })
}
