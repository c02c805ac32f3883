/**
 * Reads the text format of Prometheus, written from its specification and as strict as it: HELP and TYPE once and before
 * the samples of their metric, metrics in one piece, no two samples with the same labels.
 */
import {isDeepStrictEqual} from 'node:util'

export interface ReadMetric {
  help: string
  type: string
  /** Each as `{id="1"} 5` would be: `{id: '1'}` and 5. */
  samples: {labels: Record<string, string>; value: number}[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y

/** @throws Error for a text that a parser of the format may reject */
export function readExposition(text: string): Map<string, ReadMetric> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end')
  const metrics = new Map<string, ReadMetric>()
  let current = ''
  for (const line of text.split('\n').slice(0, -1)) {
    const [, word, name = '', rest = ''] = line.match(/^# (HELP|TYPE) (\S+) (.*)$/) ?? []
    if (word === 'HELP') {
      if (!NAME.test(name) || metrics.has(name)) throw new Error(`second or wrong HELP: ${line}`)
      if (/\\(?![\\n])/.test(rest.replaceAll('\\\\', ''))) throw new Error(`wrong escape: ${line}`)
      current = name
      metrics.set(name, {help: rest, type: '', samples: []})
    } else if (word === 'TYPE') {
      const metric = metrics.get(name)
      if (name !== current || metric!.type !== '' || metric!.samples.length > 0) throw new Error(`TYPE: ${line}`)
      if (!['gauge', 'counter', 'untyped'].includes(rest)) throw new Error(`unknown type: ${line}`)
      metric!.type = rest
    } else readSample(line, current, metrics)
  }
  return metrics
}

function readSample(line: string, current: string, metrics: Map<string, ReadMetric>): void {
  const [, name, inside, number = ''] = line.match(SAMPLE) ?? []
  const samples = metrics.get(current)?.samples
  if (name !== current || !samples) throw new Error(`sample of another metric: ${line}`)
  if (!/^-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(number)) throw new Error(`not a number: ${line}`)
  const labels = readLabels(inside ?? '', line)
  if (samples.some((other) => isDeepStrictEqual(other.labels, labels)))
    throw new Error(`second sample with these labels: ${line}`)
  samples.push({labels, value: Number(number)})
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || name in labels) throw new Error(`wrong labels: ${line}`)
    labels[name] = value!.replaceAll(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
  }
  return labels
}
