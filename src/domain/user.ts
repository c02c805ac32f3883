/** A user of the control server; called a namespace up to headscale 0.18. */
export interface User {
  /** Decimal, as text on every release. */
  id: string
  /** The login name. From 0.28 on the server shows a stand-in (e-mail, provider id, id) where it is empty. */
  name: string
  /** Null before 0.24, which knows no profile; empty when not set. */
  displayName: string | null
  email: string | null
  provider: string | null
  providerId: string | null
  profilePictureUrl: string | null
  createdAt: Date | null
}

/**
 * The user as a message names it: by user name, or by what single sign-on knows of a user without one. Two users can
 * have the same label, so a message that has to tell users apart uses describeUser.
 */
export function userLabel({id, name, email, providerId}: Pick<User, 'id' | 'name' | 'email' | 'providerId'>): string {
  return name || email || providerId || `id ${id}`
}

/** The user with what tells it from all others: `ops (id 3)`, `jane@example.com (id 21, no user name)`. */
export function describeUser(user: User): string {
  const {id, name, email} = user
  const label = userLabel(user)
  const facts = label === `id ${id}` ? [] : [`id ${id}`]
  if (name === '') facts.push('no user name')
  else if (email && email !== name) facts.push(email)
  return `${label} (${facts.join(', ')})`
}
