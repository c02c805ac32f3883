/** The published JSON of a metric. */
import type {Metric} from '../metrics/exposition.ts'
import type {MetricDocument} from './schemas.ts'

export function metricDocument({name, help, samples}: Metric): MetricDocument {
  return {name, help, type: 'gauge', samples: samples.map(({labels, value}) => ({labels: {...labels}, value}))}
}
