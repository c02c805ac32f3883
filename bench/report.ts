/**
 * From samples to figures, and from figures to one table. A ratio is the median of the ratios of single rounds, whose
 * two runs came right after each other: what else the machine did meanwhile hit both. Goals and bounds are the
 * project's budgets; a bound is not to be crossed. Nothing is run here.
 */
import type {Sample} from './sample.ts'

/** What may be asked of a figure; the same unit as the figure. */
export interface Budget {
  goal?: number
  bound?: number
}

/** One line of the report. */
export interface Figure extends Budget {
  what: string
  /** `CPU` and `wall` are ratios; `CPU s` is seconds on this machine, `MiB` resident memory, `MB` the size of a file. */
  unit: 'CPU' | 'wall' | 'CPU s' | 'MiB' | 'MB'
  value: number
  /** The quarter of the rounds below and above which it lay; `null` for what was measured once. */
  quartiles: [number, number] | null
}

/** One program's samples divided by another's, round by round. */
export function ratio(
  what: string,
  unit: 'CPU' | 'wall',
  [samples, base]: [Sample[], Sample[]],
  budget: Budget = {},
): Figure {
  const field = unit === 'CPU' ? 'cpu' : 'wall'
  return {
    what,
    unit,
    ...spread(samples.map((sample, round) => sample[field] / base[round]![field])),
    goal: budget.goal,
    bound: budget.bound,
  }
}

/** The CPU time of one program in seconds, for what is promised in seconds. */
export function cpuSeconds(what: string, samples: Sample[], budget: Budget = {}): Figure {
  return {what, unit: 'CPU s', ...spread(samples.map(({cpu}) => cpu / 1000)), ...budget}
}

/** The memory one program needed. */
export function memory(what: string, samples: Sample[], budget: Budget = {}): Figure {
  return {what, unit: 'MiB', ...spread(samples.map((sample) => sample.memory / 2 ** 20)), ...budget}
}

function spread(values: number[]): {value: number; quartiles: [number, number]} {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) => {
    const place = (sorted.length - 1) * part
    const below = sorted[Math.floor(place)]!
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
  }
  return {value: at(0.5), quartiles: [at(0.25), at(0.75)]}
}

/** A figure compared with its budget; empty when it has none. */
export function verdict({value, goal, bound}: Figure): string {
  if (goal === undefined) return ''
  if (value <= goal) return 'goal met'
  return bound !== undefined && value <= bound ? 'within bound' : 'over'
}

/** The table, with a newline at its end. */
export function table(figures: Figure[]): string {
  const number = ({unit}: Figure, value: number) => value.toFixed(unit === 'MiB' || unit === 'MB' ? 0 : 2)
  const limit = (value: number | undefined) => (value === undefined ? '' : `≤ ${value}`)
  const rows = figures.map((figure) => [
    figure.what,
    figure.unit,
    number(figure, figure.value),
    figure.quartiles?.map((value) => number(figure, value)).join('–') ?? '',
    limit(figure.goal),
    limit(figure.bound),
    verdict(figure),
  ])
  const lines = [['What', 'Of', 'Median', '25–75 %', 'Goal', 'Bound', 'Verdict'], ...rows]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join(' | ')
          .trimEnd()}\n`,
    )
    .join('')
}
