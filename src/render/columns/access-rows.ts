/** The columns of `policy access`. */
import type {ListSpec} from './column.ts'

/** As in the published JSON. */
export interface ShownAccessRow {
  sources: readonly string[]
  destinations: readonly string[]
  access: readonly string[]
}

/** Names in a cell of a table, before the others are only counted. CSV has all. */
const SHOWN = 12

function names(list: readonly string[]): string {
  if (list.length <= SHOWN) return list.join(', ')
  return `${list.slice(0, SHOWN).join(', ')} and ${list.length - SHOWN} more`
}

export const ACCESS_ROWS: ListSpec<ShownAccessRow> = {
  columns: [
    {
      id: 'sources',
      header: 'From',
      description: 'nodes, and addresses behind routers: 10.0.0.0/24 (router)',
      value: ({sources}) => sources.join(', '),
      text: ({sources}) => names(sources),
      narrow: {cut: true},
    },
    {
      id: 'destinations',
      header: 'To',
      description: 'the same, and the internet behind exit nodes',
      value: ({destinations}) => destinations.join(', '),
      text: ({destinations}) => names(destinations),
      narrow: {cut: true},
    },
    {
      id: 'access',
      header: 'Access',
      description: 'ports over TCP and UDP, or of one protocol (tcp:443); * is every port; ssh:root is Tailscale SSH',
      value: ({access}) => access.join(' '),
      narrow: {cut: true},
    },
  ],
  name: ({sources, destinations}) => `${sources.join(', ')} -> ${destinations.join(', ')}`,
  id: () => null,
}

export const SHOWN_ACCESS_ROWS = ['sources', 'destinations', 'access']
