/** Columns of the list of saved policies. */
import type {ListSpec, Shown} from './column.ts'

export interface ListedPolicy {
  number: number
  savedAt: Date
  bytes: number
  sha256: string
  server: string
}

export const SAVED_POLICIES: ListSpec<ListedPolicy> = {
  name: ({number}) => String(number),
  id: ({number}) => String(number),
  columns: [
    {id: 'number', header: 'Number', description: 'number for policy rollback', value: ({number}) => number},
    {id: 'saved-at', header: 'Saved', description: 'time when it was replaced', value: ({savedAt}) => savedAt},
    {id: 'bytes', header: 'Bytes', description: 'size', value: ({bytes}) => bytes},
    {
      id: 'sha256',
      header: 'SHA-256',
      description: 'digest of the text',
      value: ({sha256}) => sha256,
      text: ({sha256}) => sha256.slice(0, 12),
    },
    {
      id: 'server',
      header: 'Server',
      description: 'address or socket of the server',
      value: ({server}) => server,
      narrow: {leaveOut: 1},
    },
  ],
}

export const SHOWN_SAVED_POLICIES: readonly Shown[] = ['number', 'saved-at', 'bytes', 'sha256', 'server']
