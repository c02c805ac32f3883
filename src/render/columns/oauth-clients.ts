/** Columns of the list of OAuth clients. */
import type {OAuthClient} from '../../domain/oauth-client.ts'
import type {Column} from '../table.ts'
import {tableTime} from '../time.ts'

export const oauthClientColumns: readonly Column<OAuthClient>[] = [
  {header: 'ID', cell: ({id}) => id},
  {header: 'Scopes', cell: ({scopes}) => scopes.join(',')},
  {header: 'Tags', cell: ({tags}) => tags.join(',')},
  {header: 'Description', cell: ({description}) => description},
  {header: 'Created', cell: ({createdAt}) => tableTime(createdAt)},
]
