/**
 * Fits a table to the width of a terminal, so that an item is one line: leaves out the least useful columns, then uses
 * short texts (one address of several), and at the end cuts texts. Pure; a table that fits is not changed.
 */
import {type Narrow, SHORT_STEP, type TableColumn} from './columns/column.ts'
import {SEPARATOR, type TextColumn, textColumn} from './table.ts'
import {cutText} from './width.ts'

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

type Fitted<Item> = TextColumn<TableColumn<Item>>

/** @returns the columns to show, and the headers of those that are left out */
export async function fitColumns<Item>(
  columns: readonly Fitted<Item>[],
  items: readonly Item[],
  {width, header, leaveOut}: Options,
): Promise<{columns: Fitted<Item>[]; leftOut: string[]}> {
  let kept = [...columns]
  for (const step of stepsOf(columns, leaveOut)) {
    if (excess(kept, width) <= 0) break
    if (step === SHORT_STEP) kept = await Promise.all(kept.map((one) => shortened(one, items, header)))
    else kept = kept.filter(({column}) => column.narrow?.leaveOut !== step)
  }
  const shown = new Set(kept.map(({column}) => column.header))
  const shrunk = kept.map((one) => ({...one}))
  shrink(shrunk, width)
  return {
    columns: shrunk.map((one, i) => (one.width < kept[i]!.width ? cut(one) : one)),
    leftOut: columns.map(({column}) => column.header).filter((name) => !shown.has(name)),
  }
}

function stepsOf(columns: readonly {column: {narrow?: Narrow<never>}}[], leaveOut: boolean): number[] {
  const steps = leaveOut ? columns.flatMap(({column}) => column.narrow?.leaveOut ?? []) : []
  return [...new Set([...steps, SHORT_STEP])].toSorted((a, b) => a - b)
}

async function shortened<Item>(one: Fitted<Item>, items: readonly Item[], header: boolean): Promise<Fitted<Item>> {
  const short = one.column.narrow?.short
  return short ? textColumn({...one.column, cell: short}, items, {header}) : one
}

/** Cuts the texts that are wider than the column. */
function cut<Item>({column, cells, measure, width}: Fitted<Item>): Fitted<Item> {
  const fit = (text: string) => (measure(text) > width ? cutText(text, width, measure) : text)
  return {column: {...column, header: fit(column.header)}, cells: cells.map(fit), measure, width}
}

function excess(columns: readonly Fitted<never>[], width: number): number {
  return columns.reduce((sum, one) => sum + one.width + SEPARATOR.length, -SEPARATOR.length) - width
}

/** Makes the widest columns narrower first. */
function shrink(columns: readonly Fitted<never>[], width: number): void {
  const flexible = columns.filter(({column}) => column.narrow?.cut)
  for (const [candidates, least] of [
    [flexible, NARROW],
    [flexible, NARROWER],
    [columns, NARROWEST],
  ] as const) {
    for (let over = excess(columns, width); over > 0; over = excess(columns, width)) {
      const [widest, next] = candidates.toSorted((a, b) => b.width - a.width)
      if (!widest || widest.width <= least) break
      const target = next && next.width < widest.width ? next.width : widest.width - 1
      widest.width = Math.max(least, target, widest.width - over)
    }
  }
}
