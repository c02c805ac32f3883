/**
 * The text format of Prometheus (version 1.0.0, and the same in 0.0.4): values in, text out.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import {printable} from '../../text/untrusted.ts'

export interface Sample {
  /** In the order in which they are written. A null value is left out: in Prometheus an empty label is no label. */
  labels: Readonly<Record<string, string | null>>
  value: number
}

/** All samples of one metric. Every metric is a gauge: the server keeps no counters for its API. */
export interface Metric {
  name: string
  /** One sentence without a full stop. */
  help: string
  /** No two have the same labels. */
  samples: readonly Sample[]
}

/** The text of metrics, in their order; one without samples is left out. Control characters are escaped as text. */
export function expositionText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({samples}) => samples.length > 0)
    .map(({name, help, samples}) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\')}\n`,
        `# TYPE ${name} gauge\n`,
        ...samples.map(({labels, value}) => `${name}${labelText(labels)} ${value}\n`),
      ].join(''),
    )
    .join('')
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === null ? [] : [`${name}="${escaped(value)}"`],
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** `printable` leaves no line feed, the third character with an escape in this format. */
function escaped(value: string): string {
  return printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
