/** Columns of user lists: the documented three, and the five of releases with profiles. */
import type {User} from '../../domain/user.ts'
import type {Column} from '../table.ts'
import {tableTime} from '../time.ts'

const ID: Column<User> = {header: 'ID', cell: (user) => user.id}
const CREATED: Column<User> = {header: 'Created', cell: (user) => tableTime(user.createdAt)}

/** `ID | Name | Created`: `namespaces list` on every release, `users list` up to 0.23. */
export const namespaceColumns: readonly Column<User>[] = [ID, {header: 'Name', cell: (user) => user.name}, CREATED]

/** `ID | Name | Username | Email | Created`: `users list` from 0.24 on, where Name is the display name. */
export const userColumns: readonly Column<User>[] = [
  ID,
  {header: 'Name', cell: (user) => user.displayName ?? ''},
  {header: 'Username', cell: (user) => user.name},
  {header: 'Email', cell: (user) => user.email ?? ''},
  CREATED,
]
