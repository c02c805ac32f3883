/**
 * A framed table, for reports of tens of rows. Frames are plain ASCII, because reports are read over serial consoles and
 * pasted into tickets. Only this file uses cli-table3; load it with the first report.
 */
import Table from 'cli-table3'

const ASCII = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  'left-mid': '+',
  mid: '-',
  'mid-mid': '+',
  right: '|',
  'right-mid': '+',
  middle: '|',
}

/** The table without a newline at its end. Cells are safe to print and can contain colours. */
export function framedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({head: [...head], chars: {...ASCII}, style: {head: [], border: []}})
  for (const row of rows) table.push([...row])
  const lines = table.toString().split('\n')
  // cli-table3 draws a rule after every row; only the one below the header stays.
  return lines.filter((line, at) => !line.startsWith('+') || at <= 2 || at === lines.length - 1).join('\n')
}
