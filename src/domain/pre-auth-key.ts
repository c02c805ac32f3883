import type {User} from './user.ts'

/** A key that admits nodes without a person at the server. */
export interface PreAuthKey {
  id: string
  /** The secret where the server gives it (on creation, and in lists up to 0.27), else its masked form. */
  key: string
  /** Its owner; only the name is known up to 0.25. Null for a key that belongs to tags alone (0.28+). */
  user: (Pick<User, 'name'> & {id: string | null}) | null
  reusable: boolean
  ephemeral: boolean
  used: boolean
  expiration: Date | null
  createdAt: Date | null
  /** Tags its nodes get (0.17+). */
  tags: string[]
}

/** A key as lists may show it: enough to tell it from others. Masked by the server from 0.28 on, here before that. */
export function maskedKey(key: string): string {
  return key.endsWith('***') ? key : `${key.slice(0, 12)}***`
}
