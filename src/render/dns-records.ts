/** The file of headscale's `dns.extra_records_path` (0.24+): one record on each line, so that a diff shows what changed. */
import type {DnsRecord} from '../domain/dns-record.ts'

/** Ends with a newline. Without records it is an empty list: headscale ignores an empty file. */
export function extraRecordsText(records: readonly DnsRecord[]): string {
  if (records.length === 0) return '[]\n'
  const lines = records.map(
    ({name, type, value}) =>
      `  {"name": ${JSON.stringify(name)}, "type": ${JSON.stringify(type)}, "value": ${JSON.stringify(value)}}`,
  )
  return `[\n${lines.join(',\n')}\n]\n`
}
