/** The preview of a bulk run: a line for each change. */
import type {Change, JsonValue} from '../../../domain/change.ts'
import {renderTable} from '../../../render/table.ts'

/** @returns the lines of the table, without a newline at the end */
export async function changesTable(changes: readonly Change[]): Promise<string> {
  const lines = await renderTable<Change>(
    [
      {header: 'ID', cell: ({id}) => id ?? '-'},
      {header: 'Name', cell: ({name}) => name ?? '-'},
      {header: 'Owner', cell: ({owner}) => (owner === null ? '-' : owner.name || `id ${owner.id}`)},
      {header: 'Address', cell: ({address}) => address ?? '-'},
      {header: 'Change', cell: effectText},
    ],
    changes,
    (_, text) => text,
  )
  return [...lines].join('').trimEnd()
}

/** `delete`, or the fields that change: `tags: tag:a → tag:a,tag:b` */
function effectText({action, before, after, reason}: Change): string {
  const fields = Object.entries(after ?? {}).map(
    ([name, value]) => `${name}: ${valueText(before?.[name] ?? null)} → ${valueText(value)}`,
  )
  const effect = fields.length > 0 ? fields.join('; ') : action
  return reason === undefined ? effect : `${effect}: ${reason}`
}

function valueText(value: JsonValue): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.length > 0 ? value.join(',') : '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
