/** A framed table of a few rows: the one file of the lists and reports that knows cli-table3. */
import Table from 'cli-table3'
import {printable} from '../../text/untrusted.ts'

/** Two columns, heading and value; a value may have several lines, an empty one shows as `-`. Without colour. */
export function framed(rows: readonly (readonly [heading: string, value: string])[]): string {
  const table = new Table({style: {head: [], border: []}})
  const safe = (value: string) => value.split('\n').map(printable).join('\n')
  for (const [heading, value] of rows) table.push([heading, value === '' ? '-' : safe(value)])
  return `${table.toString()}\n`
}
