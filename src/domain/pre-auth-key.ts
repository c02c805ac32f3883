import type {User} from './user.ts'

/** A key that registers nodes without an administrator's approval. */
export interface PreAuthKey {
  id: string
  /** The secret where the server returns it (on creation, and in lists up to 0.27), otherwise its masked form. */
  key: string
  /** Its owner; only the name is known up to 0.25. Null for a key that belongs to tags alone (0.28+). */
  user: (Pick<User, 'name'> & {id: string | null}) | null
  reusable: boolean
  ephemeral: boolean
  used: boolean
  expiration: Date | null
  createdAt: Date | null
  /** Tags for the nodes that the key registers (0.17+). */
  tags: string[]
}

/** The owner of a key in lists and messages: its name, or its id if it has no user name; null if it has no owner. */
export function keyOwner({user}: Pick<PreAuthKey, 'user'>): string | null {
  return user && (user.name || `id ${user.id ?? 'unknown'}`)
}

/** A key in the form that lists may show. The server masks it since 0.28; for older servers it is masked here. */
export function maskedKey(key: string): string {
  if (key.endsWith('***')) return key
  const [prefix] = key.match(/^hskey-auth-[\w-]{12}-/) ?? [key.slice(0, 12)]
  return `${prefix}***`
}
