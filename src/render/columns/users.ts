/** Columns of user lists: the documented three, the five of releases with profiles, and all. */
import {type User, userLabel} from '../../domain/user.ts'
import {nameReference} from '../reference.ts'
import type {ListSpec, Shown} from './column.ts'

const PROFILE = '(headscale 0.24 or later)'

export const USERS: ListSpec<User> = {
  // An address or a provider id is accepted for a user too, but not behind `name:`.
  name: (user) => {
    const found = nameReference({id: user.id, name: user.name || userLabel(user)})
    return user.name === '' && found.startsWith('name:') ? `id:${user.id}` : found
  },
  id: ({id}) => id,
  columns: [
    {id: 'id', header: 'ID', description: 'ID of the user', value: ({id}) => id},
    {
      id: 'name',
      aliases: ['username'],
      header: 'Name',
      description: 'login name',
      value: ({name}) => name,
      narrow: {cut: true},
    },
    {
      id: 'display-name',
      header: 'Display name',
      description: `name to display ${PROFILE}`,
      value: ({displayName}) => displayName,
      narrow: {cut: true},
    },
    {
      id: 'email',
      header: 'Email',
      description: `e-mail address ${PROFILE}`,
      value: ({email}) => email,
      narrow: {cut: true},
    },
    {
      id: 'provider',
      header: 'Provider',
      description: `identity provider, such as oidc ${PROFILE}`,
      value: ({provider}) => provider,
    },
    {
      id: 'provider-id',
      header: 'Provider ID',
      description: `ID at the identity provider ${PROFILE}`,
      value: ({providerId}) => providerId,
      narrow: {cut: true},
    },
    {
      id: 'profile-pic-url',
      header: 'Picture',
      description: `URL of a picture ${PROFILE}`,
      value: ({profilePictureUrl}) => profilePictureUrl,
      detail: true,
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

/** `ID | Name | Created`: `namespaces list` on every release, `users list` up to 0.23. */
export const SHOWN_NAMESPACES: readonly Shown[] = ['id', 'name', 'created-at']

/** `ID | Name | Username | Email | Created`: `users list` from 0.24 on, where Name is the display name. */
export const SHOWN_USERS: readonly Shown[] = [
  'id',
  {id: 'display-name', header: 'Name'},
  {id: 'name', header: 'Username'},
  'email',
  'created-at',
]
