/**
 * Fits a table to the width of a terminal, so that an item is one line: leaves out the least useful columns, then uses
 * short texts (one address of several), and at the end cuts texts. Pure; a table that fits is not changed.
 */
import {printable} from '../text/untrusted.ts'
import {type Narrow, SHORT_STEP, type TableColumn} from './columns/column.ts'
import {SEPARATOR} from './table.ts'
import {measureFor} from './width.ts'

/** Texts that may be cut keep this many characters, less if that is not enough; at the end all texts are cut. */
const NARROW = 8
const NARROWER = 5
const NARROWEST = 3

interface Options {
  width: number
  header: boolean
  /** Whether columns may be left out: not if the user chose them. */
  leaveOut: boolean
}

/** @returns the columns to show, and the headers of those that are left out */
export async function fitColumns<Item>(
  columns: readonly TableColumn<Item>[],
  items: readonly Item[],
  {width, header, leaveOut}: Options,
): Promise<{columns: TableColumn<Item>[]; leftOut: string[]}> {
  let kept: Measured<Item>[] = await measured(columns, items, header)
  const leftOut: TableColumn<Item>[] = []
  for (const step of stepsOf(columns, leaveOut)) {
    if (excess(kept, width) <= 0) break
    if (step === SHORT_STEP) {
      kept = await measured(
        kept.map(({column}) => shortened(column)),
        items,
        header,
      )
      continue
    }
    leftOut.push(...columns.filter(({narrow}) => narrow?.leaveOut === step))
    kept = kept.filter(({column}) => column.narrow?.leaveOut !== step)
  }
  shrink(kept, width)
  return {
    columns: kept.map(({column, limit}) => ({...column, limit})),
    leftOut: columns.filter((column) => leftOut.includes(column)).map((column) => column.header),
  }
}

interface Measured<Item> {
  column: TableColumn<Item>
  /** The width of the column; shrinks. */
  limit: number
}

async function measured<Item>(
  columns: readonly TableColumn<Item>[],
  items: readonly Item[],
  header: boolean,
): Promise<Measured<Item>[]> {
  const texts = columns.map((column) => [
    ...(header ? [column.header] : []),
    ...items.map((item) => printable(column.cell(item))),
  ])
  const measure = await measureFor(texts)
  return columns.map((column, i) => ({
    column,
    limit: texts[i]!.reduce((widest, text) => Math.max(widest, measure(text)), 0),
  }))
}

function stepsOf(columns: readonly {narrow?: Narrow<never>}[], leaveOut: boolean): number[] {
  const steps = leaveOut ? columns.flatMap(({narrow}) => narrow?.leaveOut ?? []) : []
  return [...new Set([...steps, SHORT_STEP])].toSorted((a, b) => a - b)
}

function shortened<Item>(column: TableColumn<Item>): TableColumn<Item> {
  const short = column.narrow?.short
  return short ? {...column, cell: short} : column
}

function excess(columns: readonly Measured<never>[], width: number): number {
  return columns.reduce((sum, {limit}) => sum + limit + SEPARATOR.length, -SEPARATOR.length) - width
}

/** Cuts the widest texts first. */
function shrink(columns: readonly Measured<never>[], width: number): void {
  const flexible = columns.filter(({column}) => column.narrow?.cut)
  for (const [candidates, least] of [
    [flexible, NARROW],
    [flexible, NARROWER],
    [columns, NARROWEST],
  ] as const) {
    for (let over = excess(columns, width); over > 0; over = excess(columns, width)) {
      const [widest, next] = candidates.toSorted((a, b) => b.limit - a.limit)
      if (!widest || widest.limit <= least) break
      const target = next && next.limit < widest.limit ? next.limit : widest.limit - 1
      widest.limit = Math.max(least, target, widest.limit - over)
    }
  }
}
