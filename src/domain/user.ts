/** A user of the control server; called a namespace up to headscale 0.18. */
export interface User {
  /** A decimal number as text. */
  id: string
  /** The login name. Since 0.28 the server shows another value (e-mail, provider id, id) where it is empty. */
  name: string
  /** Null before 0.24, which has no profiles; empty when not set. */
  displayName: string | null
  email: string | null
  provider: string | null
  providerId: string | null
  profilePictureUrl: string | null
  createdAt: Date | null
}

/**
 * The name of a user in messages: the user name, or a value from single sign-on for a user without one. Two users can
 * have the same label; describeUser is unique.
 */
export function userLabel({id, name, email, providerId}: Pick<User, 'id' | 'name' | 'email' | 'providerId'>): string {
  return name || email || providerId || `id ${id}`
}

/** The user with the facts that identify it: `ops (id 3)`, `jane@example.com (id 21, no user name)`. */
export function describeUser(user: User): string {
  const {id, name, email} = user
  const label = userLabel(user)
  const facts = label === `id ${id}` ? [] : [`id ${id}`]
  if (name === '') facts.push('no user name')
  else if (email && email !== name) facts.push(email)
  return `${label} (${facts.join(', ')})`
}
