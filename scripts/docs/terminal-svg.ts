/**
 * The text of a terminal as an SVG picture: one text element for each line, which can be selected and copied. It has its own
 * dark background, so it is readable on any page.
 */
import stringWidth from 'string-width'

const COLUMN = 8.4
const LINE = 20
const PADDING = 16
const TEXT = '#d6dde6'

/** Colours of ECMA-48, as `chalk` writes them, and the prompt. Each has a contrast of at least 4.5 on the background. */
const COLOURS: Readonly<Record<string, string>> = {
  '32': '#7ee787',
  '90': '#8b98a9',
  '91': '#ff8f85',
  '92': '#7ee787',
  '93': '#e3c05c',
  '96': '#6fd3e8',
}

/** @param text lines with colours; any other control sequence is an error @param title what it shows, for those who cannot see it */
export function terminalSvg(text: string, title: string): string {
  const lines = text.trimEnd().split('\n')
  const widths = lines.map((line) => stringWidth(plain(line)))
  const width = Math.ceil(Math.max(...widths) * COLUMN + 2 * PADDING)
  const height = lines.length * LINE + 2 * PADDING
  const rows = lines.flatMap((line, i) => {
    if (line === '') return []
    const y = PADDING + i * LINE + 14
    return `<text x="${PADDING}" y="${y}" textLength="${(widths[i]! * COLUMN).toFixed(1)}">${spans(line)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${TEXT};white-space:pre}</style>
<rect width="${width}" height="${height}" rx="8" fill="#10161f"/>
${rows.join('\n')}
</svg>
`
}

/** A line as text with a span for each coloured part. */
function spans(line: string): string {
  let colour = ''
  let result = ''
  // Parts between control sequences: text, number of the sequence, text, …
  // oxlint-disable-next-line no-control-regex
  for (const [i, part] of line.split(/\u001b\[(\d+)m/).entries()) {
    if (i % 2 === 1) {
      if (part !== '39' && !(part in COLOURS)) throw new Error(`there is no colour for the control sequence ${part}`)
      colour = part === '39' ? '' : COLOURS[part]!
    } else if (part !== '') {
      result += colour === '' ? escaped(part) : `<tspan fill="${colour}">${escaped(part)}</tspan>`
    }
  }
  return result
}

// oxlint-disable-next-line no-control-regex
const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '')
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
