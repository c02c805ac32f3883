/** Columns of the list of OAuth clients. */
import type {OAuthClient} from '../../domain/oauth-client.ts'
import type {ListSpec, Shown} from './column.ts'

export const OAUTH_CLIENTS: ListSpec<OAuthClient> = {
  // A description is not a name: commands accept only the id.
  name: ({id}) => id,
  id: ({id}) => id,
  columns: [
    {id: 'id', header: 'ID', description: 'ID of the client', value: ({id}) => id},
    {
      id: 'scopes',
      header: 'Scopes',
      description: 'permissions, comma-separated',
      value: ({scopes}) => scopes,
      narrow: {cut: true},
    },
    {
      id: 'tags',
      header: 'Tags',
      description: 'tags that it can assign, comma-separated',
      value: ({tags}) => tags,
      narrow: {cut: true},
    },
    {
      id: 'description',
      header: 'Description',
      description: 'text given at its creation',
      value: ({description}) => description,
      narrow: {cut: true},
    },
    {
      id: 'created-at',
      aliases: ['created'],
      header: 'Created',
      description: 'time of creation',
      value: ({createdAt}) => createdAt,
      text: ({createdAt}, {time}) => (createdAt ? time(createdAt) : ''),
      narrow: {leaveOut: 1},
    },
  ],
}

export const SHOWN_OAUTH_CLIENTS: readonly Shown[] = ['id', 'scopes', 'tags', 'description', 'created-at']
